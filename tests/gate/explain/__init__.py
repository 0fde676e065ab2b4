"""Tests of explanations, made of real executions."""

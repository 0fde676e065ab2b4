"""The engine: runs one schedule of a scenario in real processes.

Three kinds of processes run this code.  The *orchestrator* is the process of the test or of the
command line: it decides who goes next.  The *fork server* is forked from it once and forks the
*actors*, which run the code under test.  Modules and packages from the highest layer to the lowest;
each uses those below it and none above, which ``tests/unit/test_layers.py`` holds:

=================  ============  =========================================================
room               runs in       what it does
=================  ============  =========================================================
session            orchestrator  one fork server, and its executions one by one
manual, choosers   orchestrator  an execution driven by hand, or by a schedule or an order
execution          orchestrator  one execution, decision by decision
setup, teardown    orchestrator  its beginning and its end
account            orchestrator  what it came to; `leftovers`: what it left behind
scheduling         orchestrator  who may go on, which waits end, when time passes
faults/            orchestrator  which faults may strike, and how one is carried out
steps/             orchestrator  lets one operation through and measures what it did
gate/              orchestrator  who comes to a gate, and what stands before it
processes/         both          the fork server and the orchestrator's handle on it
turns              orchestrator  steps put together into what explorers see
waits/             orchestrator  which waits would end now; messages, locks, clocks
state/             orchestrator  records of actors, processes and gates
inside/            actor         the body of a role, `world`, line gates, prints
protocol           all three     the words that they exchange
=================  ============  =========================================================
"""

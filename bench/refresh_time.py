#!/usr/bin/env python3
"""refresh_time.py CALLSLIP TREE [--index DIR] [--rounds N]: what looking at an unchanged tree takes.

Runs `git status` and `callslip index TREE` in turns and prints the medians and their ratio. TREE is a
git checkout whose files are in git's index (`git init; git add .`) and which the index has already;
it is indexed first where it has not. (Debian's linux-source-6.1 ends its .gitignore with rules that
ignore all of it, for git as for callslip: take these out before.)
"""
import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time


def seconds(command, **options):
    before = time.monotonic()
    cpu = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    after = os.times()
    spent = after.children_user - cpu.children_user + after.children_system - cpu.children_system
    return time.monotonic() - before, spent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("tree")
    parser.add_argument("--index", help="a folder that is kept; else one that is not")
    parser.add_argument("--rounds", type=int, default=10)
    arguments = parser.parse_args()
    index = arguments.index or tempfile.mkdtemp(prefix="callslip-refresh-")
    refresh = [arguments.binary, "index", "--index", index, arguments.tree]
    status = ["git", "status", "--short"]
    subprocess.run(refresh, check=True)
    seconds(status, cwd=arguments.tree)
    ours, gits = [], []
    for _ in range(arguments.rounds):
        gits.append(seconds(status, cwd=arguments.tree))
        ours.append(seconds(refresh))
    if not arguments.index:
        shutil.rmtree(index)
    print("| | median s | CPU s |\n|---|---|---|")
    rows = {"git status": gits, "callslip index": ours}
    medians = {}
    for name, times in rows.items():
        medians[name] = [statistics.median(column) for column in zip(*times)]
        print(f"| {name} | {medians[name][0]:.3f} | {medians[name][1]:.3f} |")
    print(f"| ratio | {medians['callslip index'][0] / medians['git status'][0]:.2f} | "
          f"{medians['callslip index'][1] / medians['git status'][1]:.2f} |")


if __name__ == "__main__":
    main()

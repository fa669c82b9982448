"""Times whole processes in turn and prints medians and ratios. Used by the scripts beside it."""

import os
import statistics
import subprocess
import sys
import time


def once(command, environment):
    """Seconds and peak memory in MiB of one run; the command must succeed."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return elapsed, usage.ru_maxrss / 1024


def compare(contestants, environment):
    """Runs the contestants in turn: a dictionary of name to (command, number of runs). The
    first is what the others are compared with. A run right before the others warms up."""
    for command, _ in contestants.values():
        once(command, environment)
    figures = {name: [] for name in contestants}
    for turn in range(max(runs for _, runs in contestants.values())):
        for name, (command, runs) in contestants.items():
            if turn < runs:
                figures[name].append(once(command, environment))
    first = None
    print(f"{'':24} {'runs':>5} {'median':>10} {'min':>10} {'max':>10} {'peak':>10} {'ratio':>8}")
    for name, values in figures.items():
        seconds = [value[0] for value in values]
        median = statistics.median(seconds)
        first = first or median
        print(
            f"{name:24} {len(values):5} {median * 1000:7.2f} ms {min(seconds) * 1000:7.2f} ms "
            f"{max(seconds) * 1000:7.2f} ms {statistics.median(v[1] for v in values):6.1f} MiB "
            f"{median / first:7.2f}x"
        )

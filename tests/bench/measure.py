"""Times whole processes in turn and prints medians and ratios. Used by the scripts beside it."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

# The kernel counts the memory of the process that starts a command as the command's until it is
# replaced. Python has some 20 MiB; these starters have one to four.
PERL = (
    "my $out = shift; my $pid = fork; if (!$pid) { exec @ARGV or exit 127 } waitpid $pid, 0;"
    "my $usage = \"\\0\" x 144; syscall(98, -1, $usage); open my $file, '>', $out;"
    "print $file ((unpack 'q18', $usage)[4]); exit($? >> 8)"
)


def starter(report):
    """The words before a command that write its peak memory in KiB to a file, if there are any."""
    if os.path.exists("/usr/bin/time"):
        return ["/usr/bin/time", "-f", "%M", "-o", report]
    if shutil.which("perl") and os.uname().machine == "x86_64":
        return ["perl", "-e", PERL, report]
    return None


def once(command, environment):
    """Seconds of one run; the command must succeed."""
    start = time.perf_counter()
    code = subprocess.call(command, env=environment, stdout=subprocess.DEVNULL)
    elapsed = time.perf_counter() - start
    if code != 0:
        sys.exit(f"{command[0]} ended with {code}")
    return elapsed


def peak(command, environment):
    """Peak memory of one run in MiB, itself and what it starts; None where nothing tells it."""
    with tempfile.NamedTemporaryFile() as report:
        words = starter(report.name)
        if words is None:
            return None
        once(words + command, environment)
        return int(report.read().split()[-1]) / 1024


def compare(contestants, environment):
    """Runs the contestants in turn: a dictionary of name to (command, number of runs) or
    (command, number of runs, variables of its own). The first is what the others are compared
    with. A run right before the others warms up and tells the peak of memory."""
    contestants = {
        name: (command, runs, environment | (own[0] if own else {}))
        for name, (command, runs, *own) in contestants.items()
    }
    peaks = {name: peak(command, own) for name, (command, _, own) in contestants.items()}
    for command, _, own in contestants.values():
        once(command, own)
    figures = {name: [] for name in contestants}
    for turn in range(max(runs for _, runs, _ in contestants.values())):
        for name, (command, runs, own) in contestants.items():
            if turn < runs:
                figures[name].append(once(command, own))
    first = None
    print(f"{'':24} {'runs':>5} {'median':>10} {'min':>10} {'max':>10} {'peak':>10} {'ratio':>8}")
    for name, seconds in figures.items():
        median = statistics.median(seconds)
        first = first or median
        memory = "unknown" if peaks[name] is None else f"{peaks[name]:6.1f} MiB"
        print(
            f"{name:24} {len(seconds):5} {median * 1000:7.2f} ms {min(seconds) * 1000:7.2f} ms "
            f"{max(seconds) * 1000:7.2f} ms {memory:>10} {median / first:7.2f}x"
        )

"""Our own program: its evaluator, and how fast it is.

Standard library only, and small: the kernel counts the pages of the process that starts another one to its peak.
"""

import json
import os
import resource
import subprocess
import sys

from shared import INPUT, notes

PROGRAM = [os.environ["CASECODER"], "--lexicons", str(INPUT / "lexicons"), "--models", str(INPUT / "models")]


def evaluate(*arguments, split="test"):
    """A report of our evaluator. Status 1 only says that something is worse than the baseline."""
    command = [PROGRAM[0], "eval", *PROGRAM[1:], "--format", "json", *arguments, str(INPUT / "gold" / f"{split}.jsonl")]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def own_facts(name):
    """Our program over the test notes, twenty times, less the time for one note."""

    def cpu(count):
        lines = [json.dumps({"id": f"{turn}-{n['id']}", "text": n["text"]}) for turn in range(20) for n in notes("test")][:count]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [PROGRAM[0], "suggest", *PROGRAM[1:], "--input-format", "jsonl"]
        subprocess.run(command, input="\n".join(lines) + "\n", text=True, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss / 1024

    version = subprocess.run([PROGRAM[0], "--version"], capture_output=True, text=True).stdout.strip()
    if name == "labels":
        return {"versions": version, "tuned": "nothing", "train_seconds": None, "notes_a_second": None, "peak_mib": None}
    count = 20 * len(notes("test"))
    (all_seconds, peak), (one, _) = cpu(count), cpu(1)
    tuned = "its calibration and thresholds (`casecoder calibrate`)"
    return {"versions": version, "tuned": tuned, "train_seconds": None, "notes_a_second": (count - 1) / (all_seconds - one), "peak_mib": peak}

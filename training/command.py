"""What the commands that need the real data beside the project share: where it lies, -o, the machine, the report."""

import argparse
import json
import os
import platform
import sys
from datetime import date
from pathlib import Path
from typing import Any

DATA = Path("../shared/data")


def real_data() -> Path:
    """Return the folder of the real data; end the program with a message where there is none."""
    if not DATA.is_dir():
        sys.exit(f"{DATA} is not there: this works on the real data beside the project")
    return DATA


def output_path(default: Path | str) -> Path:
    """Return what ``-o`` names on the command line, or ``default``; any other argument ends the program."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-o", "--output", type=Path, default=Path(default))
    found: Path = parser.parse_args().output
    return found


def machine() -> str:
    """Return the cores, the processor, Python's version and the date: what a figure was measured on and when."""
    return f"{os.cpu_count()} cores, {processor()}, Python {platform.python_version()}, {date.today().isoformat()}"


def write_report(report: dict[str, Any], path: Path) -> None:
    """Write a report as JSON and say so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    say(f"\nwrote {path}")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def processor() -> str:
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())

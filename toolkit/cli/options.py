"""The options that commands share."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from toolkit.types import Mode

# The best measured. Its encoder comes in a package that is not made for Windows.
DEFAULT_MODEL = "tfidf" if sys.platform == "win32" else "blend"
DEFAULT_SUMMARIZER = "extractive"  # the nearest to what people write, and it copies as the others do

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT",
        help="Files (.txt page or article, .jsonl, .csv, .tsv), folders, or - for standard input.",
    ),
]
ModelName = Annotated[str, typer.Option("--model", metavar="NAME|FOLDER", help="A built-in model or a model folder.")]
EngineChoice = Annotated[
    Literal["auto", "torch", "openvino", "onnx"],
    typer.Option("--engine", help="What runs a transformer: auto takes the fastest that is installed."),
]
SummaryEngineChoice = Annotated[
    Literal["auto", "ctranslate2"],
    typer.Option("--engine", help="What runs an encoder-decoder: auto is torch; ctranslate2 needs --free."),
]
SummarizerName = Annotated[
    str,
    typer.Option(
        "--summarizer",
        metavar="NAME|FOLDER|HUB-ID|YAML",
        help="extractive, lead, textrank; a folder; org/name or modelscope:ORG/NAME, an encoder-decoder on a hub; or "
        "the YAML of a language model (configs/summarize).",
    ),
]
NumBeams = Annotated[
    int | None,
    typer.Option(
        "--num-beams", min=1, max=32, help="How many candidates a model writes side by side. [default: its own, or 4]"
    ),
]
Free = Annotated[
    bool, typer.Option("--free", help="Let a model use words and numbers that the article lacks; it is checked anyway.")
]
Revision = Annotated[
    str | None, typer.Option("--revision", metavar="BRANCH|TAG|COMMIT", help="Of a summarizer on a hub.")
]
SummaryMode = Annotated[Mode, typer.Option("--mode", help="Whole sentences, or one line of at most 30 characters.")]
WithHeadline = Annotated[bool, typer.Option("--headline", help="Write a headline, too, into the field headline.")]
MaxChars = Annotated[int, typer.Option("--max-chars", min=10, max=2000, help="Longest summary, in characters.")]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Where to write: .jsonl, .csv or .xlsx; - is JSON lines on standard output.",
    ),
]
ShowTable = Annotated[
    bool | None,
    typer.Option(
        "--table/--no-table",
        help="Print a table for people (by default on a terminal without -o).",
        show_default=False,
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY.PATH=VALUE", help="Change one value of the config; may be repeated."),
]

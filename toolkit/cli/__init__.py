"""The command line: each command parses, calls one function, and prints. Heavy libraries load inside commands."""

import logging
import sys
from typing import Annotated

import typer

from toolkit.cli import make, use
from toolkit.types import ToolkitError

INTERRUPTED = 130

app = typer.Typer(
    name="wenzhai",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help starts in half the time
    help="Read, label and summarize Chinese local news.",
    epilog="Exit codes: 0 done, 1 failure, 2 usage or config, 3 done but some inputs were rejected, "
    "4 bad model or data, 130 interrupted.",
)
for command in (use.run, use.ingest, use.label, use.summarize, make.train, make.evaluate, make.compare):
    app.command()(command)
app.add_typer(make.config_app, name="config")
app.command()(make.models)
app.command()(make.sample)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        typer.echo(f"wenzhai {metadata.version('wenzhai')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; end with the exit codes that its help lists."""
    if hasattr(sys.stdout, "reconfigure") and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    notices = logging.getLogger("wenzhai")
    notices.addHandler(logging.StreamHandler())
    notices.setLevel(logging.INFO)
    try:
        app()
    except ToolkitError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)

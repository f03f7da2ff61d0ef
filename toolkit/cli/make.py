"""Commands that make and measure models, and show what there is: train, evaluate, config, models, sample."""

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from toolkit.cli.options import EngineChoice, MaxChars, Overrides, SummaryMode
from toolkit.types import ConfigError, ToolkitError

Config = Annotated[Path, typer.Argument(metavar="CONFIG", help="A training config, such as configs/train/tfidf.yaml.")]
SAMPLES = Path(__file__).parents[1] / "samples"


def train(
    config: Config,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="The model folder to write.")],
    overrides: Overrides = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a training that was killed.")] = False,
) -> None:
    """Train a model from a config and save it as a folder that explains itself."""
    from training.config import load_train_config
    from training.train import train as train_model

    settings = load_train_config(config, overrides or ())
    train_model(settings, output, say=partial(typer.echo, err=True), resume=resume)


def evaluate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A built-in model or summarizer, or a model folder.")],
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="Articles (.jsonl or .csv) with topics; for a summarizer, with abstract or headline."
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE.json", help="Also write the report as JSON.")
    ] = None,
    engine: EngineChoice = "auto",
    mode: SummaryMode = "abstract",
    max_chars: MaxChars = 120,
) -> None:
    """Measure a model or a summarizer on articles that people labelled or summarized: figures with 95 % intervals."""
    if output is not None and output.suffix.lower() != ".json":
        raise ConfigError(f"-o {output}: the report is JSON; name a .json file")
    from training.evaluate import evaluate_model

    report, text = evaluate_model(model, data, engine=engine, mode=mode, max_chars=max_chars)
    typer.echo(text)
    if output is not None:
        _write_report(report, output)


def compare(
    models_and_data: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL MODEL... DATA",
            help="Two or more built-in models or model folders, the one to compare with first; then labelled articles.",
        ),
    ],
    split_chars: Annotated[
        int | None,
        typer.Option(min=1, help="Measure articles of up to so many characters apart. [default: the data's median]"),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE.json", help="Also write the report as JSON.")
    ] = None,
) -> None:
    """Set models against each other on labelled articles: quality with paired 95 % intervals, speed, size, memory."""
    if output is not None and output.suffix.lower() != ".json":
        raise ConfigError(f"-o {output}: the report is JSON; name a .json file")
    from training.compare import compare_models, format_comparison

    *models, data = models_and_data
    report = compare_models(models, Path(data), split_chars=split_chars)
    typer.echo(format_comparison(report))
    if output is not None:
        _write_report(report, output)


def _write_report(report: dict[str, Any], output: Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    typer.echo(f"wrote {output}", err=True)


config_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look at training configs.")


@config_app.command("show")
def show(config: Config, overrides: Overrides = None) -> None:
    """Print a config with every default and override filled in; an error names the key that is wrong."""
    from training.config import dump_train_config, load_train_config

    typer.echo(dump_train_config(load_train_config(config, overrides or ())), nl=False)


def models() -> None:
    """List the models and summarizers that are built in."""
    from toolkit.classifiers import built_in_models
    from toolkit.folders import MODELS, read_model_card
    from toolkit.summarizers import SUMMARIZERS, built_in_summarizers

    def about(name: str) -> str:
        size = sum(path.stat().st_size for path in (MODELS / name).iterdir())
        return f"{read_model_card(MODELS / name)['summary']}; {size / 1e6:.1f} MB"

    for name in built_in_models():
        topics = ", ".join(read_model_card(MODELS / name)["topics"])
        typer.echo(f"{name:<10} classifier  {topics}; {about(name)}")
    for name in built_in_summarizers():
        does = "copies whole sentences of the article"
        typer.echo(f"{name:<10} summarizer  {does if name in SUMMARIZERS else f'writes; {about(name)}'}")


def sample(
    what: Annotated[
        Literal["page", "corpus"],
        typer.Argument(case_sensitive=False, help="One printed page, or a corpus of labelled articles."),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to copy it.")],
) -> None:
    """Copy out our own sample data, to try every command without any other data."""
    source = SAMPLES / {"page": "page.txt", "corpus": "corpus.jsonl"}[what]
    if output.suffix.lower() != source.suffix:
        raise ConfigError(f"-o {output}: the {what} is a {source.suffix} file")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, output)
    except OSError as error:
        raise ToolkitError(f"cannot write {output}: {error.strerror or error}") from None
    typer.echo(f"wrote {output}", err=True)

"""python -m train: the commands that train, measure and publish."""

from __future__ import annotations

import typer

from sentiment.errors import SentimentError
from train.bench.bench import bench
from train.bench.explain import bench_explain
from train.bench.scoring import bench_scoring
from train.data.coverage import coverage
from train.export.command import EXPORT_EXAMPLES, export_command
from train.fit.command import FIT_EXAMPLES, fit_command
from train.fit.loop import Interrupted
from train.importing import import_command
from train.measure.ablate import ablate
from train.measure.bag import bag_of_words_command
from train.measure.card import card
from train.measure.compare import compare_baselines
from train.measure.domains import domains
from train.measure.evaluate import EVALUATE_EXAMPLES, evaluate
from train.measure.explanations import explain_eval
from train.measure.recalibrate import calibrate
from train.publish import EXAMPLES as PUBLISH_EXAMPLES
from train.publish import publish, publish_space
from train.recipe.distill import distill
from train.recipe.merge import merge
from train.recipe.rows import rows_command

app = typer.Typer(
    help="Train, measure and publish the classifier.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
    epilog="""Examples:

\b
  python -m train fit --data reviews.csv --label-column stars --ratings --out runs/mine
  python -m train evaluate --weights runs/mine --data reviews.csv --label-column stars --ratings
  python -m train publish --repo me/mine --weights runs/mine --tag v1
""",
)


app.command("fit", epilog=FIT_EXAMPLES)(fit_command)


app.command(epilog=EVALUATE_EXAMPLES)(evaluate)
app.command()(ablate)
app.command("bag-of-words")(bag_of_words_command)
app.command()(calibrate)
app.command()(card)
app.command("compare-baselines")(compare_baselines)
app.command()(coverage)
app.command()(domains)
app.command("explain-eval")(explain_eval)
app.command()(bench)
app.command("bench-scoring")(bench_scoring)
app.command("bench-explain")(bench_explain)
app.command()(distill)
app.command("export", epilog=EXPORT_EXAMPLES)(export_command)
app.command("import")(import_command)
app.command()(merge)
app.command("rows")(rows_command)
app.command(epilog=PUBLISH_EXAMPLES)(publish)
app.command("publish-space", epilog=PUBLISH_EXAMPLES)(publish_space)


def main() -> None:
    """Run the command line; expected faults end with one plain line."""
    try:
        app()
    except (SentimentError, OSError) as error:
        raise SystemExit(f"error: {error}") from error
    except Interrupted as stop:
        print(stop)
        raise SystemExit(143) from stop


if __name__ == "__main__":
    main()

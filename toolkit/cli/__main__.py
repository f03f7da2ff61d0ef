"""``python -m toolkit.cli`` is the ``wenzhai`` command."""

from toolkit.cli import main

main()

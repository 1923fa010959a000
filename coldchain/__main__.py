"""``python -m coldchain`` is ``coldchain``."""

from coldchain.cli import main

if __name__ == "__main__":
    main()

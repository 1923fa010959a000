"""Launcher for a checkout: ``python cli.py plan`` is ``coldchain plan``."""

from coldchain.cli import main

if __name__ == "__main__":
    main()

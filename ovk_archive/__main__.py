"""`python -m ovk_archive` is the same as `ovk-archive`."""

from ovk_archive.cli import main

if __name__ == "__main__":
    main()

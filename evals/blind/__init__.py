"""Questions and requests written by people who have never seen the interpreter, and their runner.

`sets` reads them, `scoring` says whether a reading is the one that was meant, `running` asks all
of them and reports, `answers` holds reporting against SQL written by hand. README.md has the rules.
"""

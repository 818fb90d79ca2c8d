"""Learner lists as schools and systems write them: read, compared with what is on record, carried out.

`text` turns bytes into rows, `columns` knows what a heading may be called, `values` reads the cells (these
three are pure), `plan` says what each row would do, `carrying` does it, `answer` writes the bad rows back.
"""

"""What counts, what is allowed and what is due in training. Facts and a day in, answers with sentences out.

No framework, no database, no clock: whoever asks hands in the day. `hours` checks one entry of off-the-job learning as
it is typed, `hours_audit` a whole log, `hours_minimum` says what a start date asks for, `hours_picture` adds up.
`booking`, `places` and `certificate` are about places on courses, `evaluation` about what a course changed, `ratings`
about a competency framework, `report` about who is due.
"""

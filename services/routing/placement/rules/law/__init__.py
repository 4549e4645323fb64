"""What the law says of an appeal's way (59-ФЗ of 02.05.2006), rule by rule: pure functions, named R1 to R16.

| rule | function | where it acts |
|---|---|---|
| R1 | `receivers.may_receive`, `receivers.pass_by_object`, `complaints.find_object` | decisions, levels, splitting; redirects and corrections by `competence.is_object` |
| R2 | `receivers.return_with_court_route` | decisions |
| R3 | `receivers.forward_elsewhere` | decisions; `POST /appeals/{id}/forward` |
| R4 | `questions.split_questions`, `questions.may_split` | placing |
| R5, R7, R8, R9, R11 | `texts.report_migration`, `return_court_decision`, `refuse_abuse`, `ask_for_clear_text`, `keep_secret` | decisions |
| R6, R12 | `forms.refuse_anonymous`, `forms.answer_orally` | decisions |
| R10 | `assignments.rules.correspondence.may_stop` | `POST /appeals/{id}/stop-correspondence` |
| R13, R14 | `urgency.goes_at_once`, `urgency.order_of` | decisions |
| R15 | `assignments.rules.correspondence.relate` | placing |
| R16 | `receivers.may_execute` | everywhere an organisation is chosen |
"""

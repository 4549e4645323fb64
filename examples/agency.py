"""An organisation's own system: leases what is most urgent, keeps its number there, checks the answer, answers."""

from __future__ import annotations

from otklik_client import Client, LeaseLost, VersionStale
from otklik_client.models import Accept, AnswerCheck, Claim, ClaimedAssignment, SignedAnswer

TEXT = (
    "Яма на улице Карла Маркса у дома 12 заделана 3 декабря, покрытие проверено. "
    "Если что-то не так, позвоните: 8 (4712) 12-34-56, Петров Иван Ильич, отдел дорог."
)


def work_off(otklik: Client, task: ClaimedAssignment) -> None:
    """Each act names the version of what was read, and its lease, by `if_match`."""
    accepted = otklik.assignments.accept(task.id, Accept(external_ref="ВХ-2026/1482"), if_match=task)
    draft = AnswerCheck(text=TEXT, outcome="solved", region=accepted.region, assignment_id=accepted.id)
    for finding in otklik.answers.check_answer(draft).checks:
        print(finding.severity, finding.check, finding.advice)
    answer = SignedAnswer(text=TEXT, outcome="solved")
    answered = otklik.assignments.answer(accepted.id, answer, if_match=accepted)
    print(answered.status, answered.external_ref)


def main() -> None:
    """Take one assignment and answer it."""
    with Client.from_environment() as otklik:
        for task in otklik.queue.claim_assignments(Claim(limit=1, lease_seconds=300)).items:
            print(task.number, task.topic_name, task.due_on, task.due_reason)
            try:
                work_off(otklik, task)
            except (LeaseLost, VersionStale) as changed:  # somebody was quicker: claim again, decide anew
                print(changed)
        print(sum(1 for _ in otklik.queue.follow_queue(limit=1000)), "changes of the queue")


if __name__ == "__main__":
    main()

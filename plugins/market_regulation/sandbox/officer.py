"""The sandbox's officer: answers open reviews as the case was planted. A question about any other case stays open."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

from market_regulation.sandbox.cases import delivered_days, read_cases

REVIEW_DAG = "review"
Answer = Literal["approve", "refuse"]
_OPTIONS: Mapping[Answer, str] = {"approve": "Approve", "refuse": "Reject"}


class Airflow(Protocol):
    """What the officer uses of Airflow's REST API; ``commands.airflow_api.AirflowApi`` is it."""

    def questions(self, dag_id: str = ...) -> list[Any]:
        """Unanswered questions of a DAG, each with ``subject`` and ``body``."""

    def answer(self, question: Any, option: str) -> None:  # noqa: ANN401 - one of ``questions``
        """Answer a question with one of its options."""


def answer_open_questions(checker: Airflow, report: Callable[[str], None]) -> int:
    """Answer every open question whose case was planted with an answer.

    Args:
        checker: Airflow's REST API as user ``checker``.
        report: Told of each answer, in one line.

    Returns:
        How many questions were answered.

    Raises:
        AirflowApiError: Airflow does not answer, or refused an answer.
    """
    answered = 0
    questions = checker.questions(REVIEW_DAG)
    planted = planted_answers() if questions else {}
    for question in questions:
        if answer := answer_for(f"{question.subject}\n{question.body}", planted):
            checker.answer(question, _OPTIONS[answer])
            report(f"officer: {answer} {question.subject}")
            answered += 1
    return answered


def answer_for(text: str, planted: Mapping[str, Answer]) -> Answer | None:
    """The planted answer to a question that names one decision number; None when it names none or several."""
    answers = [answer for document_no, answer in planted.items() if document_no in text]
    return answers[0] if len(answers) == 1 else None


def planted_answers() -> dict[str, Answer]:
    """Decision number and planted answer of every case that needs a review."""
    cases = (case for day in delivered_days() for case in read_cases(day))
    return {case.source_key.split("|")[0]: case.review for case in cases if case.review}

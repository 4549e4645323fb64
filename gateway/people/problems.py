"""What signing in and accounts are refused for."""

from __future__ import annotations

from typing import ClassVar

from chassis.faults import Wording
from chassis.problems import Problem


class SignInRefused(Problem):
    status: ClassVar[int] = 401
    slug: ClassVar[str] = "sign-in-refused"
    title: ClassVar[str] = "Login, password or code is wrong"


class CodeRequired(Problem):
    status: ClassVar[int] = 401
    slug: ClassVar[str] = "code-required"
    title: ClassVar[str] = "This account asks for a one-time code, too"


class SessionEnded(Problem):
    status: ClassVar[int] = 401
    slug: ClassVar[str] = "session-ended"
    title: ClassVar[str] = "The session has ended; sign in again"


class LoginTaken(Problem):
    status: ClassVar[int] = 409
    slug: ClassVar[str] = "login-taken"
    title: ClassVar[str] = "Somebody has this login already"


class WeakPassword(Problem):
    status: ClassVar[int] = 422
    slug: ClassVar[str] = "weak-password"
    title: ClassVar[str] = "The password is too easy to guess"

    def __init__(self, pointer: str, message: str | Wording) -> None:
        super().__init__("See errors.", errors=[{"pointer": pointer, "message": message}])

"""What an ID token has to say before it is believed, claim by claim."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest

from chassis.problems import Unauthorised
from gateway.settings import GatewaySettings
from gateway.tokens.verifiers import IdentityVerifier
from harness.tokens import TokenMint

ISSUER, CLIENT, NONCE = "https://id.example", "otklik-pages", "n" * 20
NOW = int(time.time())
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "aud": CLIENT,
    "nonce": NONCE,
    "jti": None,
}


class _Issuer(IdentityVerifier):
    """Knows its issuer's key without asking for it."""

    def __init__(self, mint: TokenMint, **changes: Any) -> None:
        settings = GatewaySettings(oidc_issuer=ISSUER, oidc_client_id=CLIENT, **changes)
        super().__init__(settings)
        self.jwk = mint.jwk

    async def load_keys(self) -> dict[str, jwt.PyJWK]:
        return {"test": jwt.PyJWK.from_dict(self.jwk)}


async def test_who_has_signed_in_is_named_by_the_claim_of_the_settings() -> None:
    mint = TokenMint()
    token = mint.token("none", client="Ivanova", **GOOD, email="i@example.ru", email_verified=True)
    assert await _Issuer(mint).read_login(token, NONCE) == "Ivanova"
    assert await _Issuer(mint, oidc_login_claim="email").read_login(token, NONCE) == "i@example.ru"
    several = mint.token("none", client="Ivanova", **{**GOOD, "aud": [CLIENT, "other"], "azp": CLIENT})
    assert await _Issuer(mint).read_login(several, NONCE) == "Ivanova"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"},
        {"aud": "otklik"},
        {"aud": ["other"]},
        {"aud": [CLIENT, "other"]},
        {"aud": [CLIENT, "other"], "azp": "other"},
        {"azp": "other"},
        {"nonce": "m" * 20},
        {"nonce": None},
        {"exp": NOW - 120},
        {"exp": None},
        {"iat": NOW - 301},
        {"iat": None},
        {"sub": None},
    ],
)
async def test_a_token_that_is_not_of_this_sign_in_names_nobody(changes: dict[str, Any]) -> None:
    mint = TokenMint()
    token = mint.token("none", client="Ivanova", **{**GOOD, **changes})
    with pytest.raises(Unauthorised):
        await _Issuer(mint).read_login(token, NONCE)


@pytest.mark.parametrize("verified", [False, "true", None])
async def test_an_address_that_the_issuer_has_not_checked_names_nobody(verified: object) -> None:
    mint = TokenMint()
    token = mint.token("none", client="Ivanova", **GOOD, email="i@example.ru", email_verified=verified)
    with pytest.raises(Unauthorised):
        await _Issuer(mint, oidc_login_claim="email").read_login(token, NONCE)
    assert await _Issuer(mint).read_login(token, NONCE) == "Ivanova"


async def test_a_token_of_another_key_names_nobody() -> None:
    with pytest.raises(Unauthorised):
        await _Issuer(TokenMint()).read_login(TokenMint().token("none", client="Ivanova", **GOOD), NONCE)

"""What oauthlib asks while it carries out the grants: whether something is known and allowed, and to remember it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oauthlib.common import Request
from oauthlib.oauth2 import RequestValidator
from oauthlib.oauth2.rfc6749 import errors

from .call import Call, plain_grant, plain_text
from .clients import named_client, needs_proof, proven_client, same
from .options import Client
from .records import Access, Code, Family, Refresh
from .redirects import redirect_allowed
from .scopes import audience, rights, scope_allowed


class Validator(RequestValidator):  # type: ignore[misc]
    """The answers for one call. They raise errors of oauthlib's with words of ours where they would be no."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self.call = call
        self._identity = call.identity
        self._records = call.identity.records
        self._now = call.identity.options.now()

    # -- clients

    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Whether the client must prove itself."""
        return needs_proof(self.call)

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Whether it did."""
        request.client = proven_client(self.call)
        request.client_id = request.client.id
        return True

    def authenticate_client_id(self, client_id: str | None, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Whether it is one that need not."""
        request.client = named_client(self.call)
        return True

    def validate_client_id(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Whether a sign-in page may be shown for a client."""
        request.client = self._identity.client(client_id)
        if request.client is None:
            text = f"app '{plain_text(client_id)}' is not registered here"
            self.call.refuse(errors.InvalidClientIdError, 700016, text)
        return True

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether a client may use a grant."""
        if plain_grant(grant_type) not in client.grants:
            self.call.refuse(errors.UnauthorizedClientError, 700051, "the client may not use this grant")
        return True

    def validate_response_type(
        self, client_id: str, response_type: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether a client may sign people in with a page."""
        if response_type != "code":
            self.call.refuse(errors.UnsupportedResponseTypeError, 700054, "response_type must be code")
        if "authorization_code" not in client.grants:
            self.call.refuse(errors.UnauthorizedClientError, 700051, "the client may not use this grant")
        return True

    # -- redirects

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether a sign-in may end at an address."""
        if not redirect_allowed(request.client, redirect_uri):
            text = f"redirect_uri '{plain_text(redirect_uri)}' is not one that is registered for the client"
            self.call.refuse(errors.MismatchingRedirectURIError, 50011, text)
        return True

    def get_default_redirect_uri(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> str | None:
        """The one registered address of a client, if it has one."""
        client = self._identity.client(client_id)
        known = client.redirect_uris if client is not None else ()
        return known[0] if len(known) == 1 else None

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether the address is that of the sign-in."""
        if redirect_uri != self._records.codes[code].redirect_uri:
            self.call.refuse(errors.InvalidGrantError, 500112, "redirect_uri is not that of the sign-in")
        return True

    # -- scopes

    def get_default_scopes(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        """What a client gets that asks for nothing."""
        client: Client = request.client
        return list(client.own_scopes)

    def validate_scopes(
        self, client_id: str, scopes: Sequence[str], client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether a client may ask for all of it."""
        wrong = next((scope for scope in scopes if not scope_allowed(self.call, client, scope)), None)
        if wrong is not None:
            self.call.refuse(errors.InvalidScopeError, 70011, f"the client may not ask for '{plain_text(wrong)}'")
        return True

    def get_original_scopes(self, refresh_token: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        """What a refresh token was given for."""
        return list(self._records.refreshes[refresh_token].scopes)

    # -- the sign-in page

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        """Whether there must be a challenge; raises where there is one and must not be."""
        setting = self._identity.options.pkce
        if setting == "refused" and request.code_challenge is not None:
            self.call.refuse(errors.InvalidRequestError, 90023, "code_challenge is not known here")
        return setting == "required"

    def save_authorization_code(
        self, client_id: str, code: Mapping[str, str], request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """Remember what a code was given for."""
        self._records.codes[code["code"]] = Code(
            family=Family(client_id=client_id, user=request.user),
            redirect_uri=request.redirect_uri,
            scopes=tuple(request.scopes),
            resource=self.call.resource,
            challenge=request.code_challenge,
            method=request.code_challenge_method,
            expires=self._now + self._identity.options.code_lifetime,
        )

    # -- codes

    def validate_code(
        self, client_id: str, code: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether a code is good. One that comes again ends all that it gave (RFC 6749, section 4.1.2)."""
        found = self._records.codes.get(code)
        if found is None or found.family.client_id != client_id:
            self.call.refuse(errors.InvalidGrantError, 70000, "the code is not known")
        if found.used:
            found.family.ended = found.family.ended or "its code was used twice"
            self.call.refuse(errors.InvalidGrantError, 54005, "the code was used before; what it gave is revoked")
        if found.expires <= self._now:
            self.call.refuse(errors.InvalidGrantError, 70008, "the code has expired")
        self._check_family(found.family)
        self._check_resource(found.resource)
        request.user, request.scopes = found.family.user, list(found.scopes)
        return True

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        """The challenge of the sign-in."""
        return self._records.codes[code].challenge

    def get_code_challenge_method(self, code: str, request: Request) -> str | None:
        """How it was made."""
        return self._records.codes[code].method

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """A code is good once."""
        self._records.codes[code].used = True

    # -- tokens

    def validate_refresh_token(
        self, refresh_token: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether a refresh token is good. One that comes again after it was replaced ends its family."""
        found = self._records.refreshes.get(refresh_token)
        if found is None or found.family.client_id != client.id:
            self.call.refuse(errors.InvalidGrantError, 70000, "the refresh token is not known")
        if found.used:
            found.family.ended = found.family.ended or "one of its refresh tokens was used twice"
        self._check_family(found.family)
        if found.expires <= self._now:
            self.call.refuse(errors.InvalidGrantError, 70008, "the refresh token has expired")
        self._check_resource(found.resource)
        request.user = found.family.user
        return True

    def rotate_refresh_token(self, request: Request) -> bool:
        """Whether a refresh token is replaced by each use of it."""
        return self._identity.options.refresh == "rotating"

    def validate_user(
        self, username: str, password: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether a person gave the right password."""
        user = self._identity.user(username)
        if user is None or not same(password, user.password):
            self.call.refuse(errors.InvalidGrantError, 50126, "wrong user name or password")
        request.user = user.name
        return True

    def save_bearer_token(self, token: Mapping[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Remember what tokens were given for."""
        family = self.call.family or Family(client_id=request.client.id, user=request.user or "")
        options = self._identity.options
        self._records.tidy()
        self._records.accesses[token["access_token"]] = Access(
            family=family,
            rights=rights(request.scopes, request.client),
            audience=audience(self.call, request.scopes),
            issued=self._now,
            expires=self._now + options.lifetime,
        )
        given = token.get("refresh_token")
        former = self._records.refreshes.get(request.refresh_token or "")
        if given is None or given == request.refresh_token:
            return
        # A refresh may ask for less this time; what replaces its token is good for all of it (RFC 6749, section 6).
        scopes = tuple(request.scopes) if former is None else former.scopes
        if former is not None:
            former.used = True
        self._records.refreshes[given] = Refresh(
            family=family, scopes=scopes, resource=self.call.resource, expires=self._now + options.refresh_lifetime
        )

    def introspect_token(
        self, token: str, token_type_hint: str | None, request: Request, *args: Any, **kwargs: Any
    ) -> dict[str, Any] | None:
        """What an access token is good for (RFC 7662)."""
        bearer = self._identity.bearer(token)
        if bearer is None:
            return None
        claims = {
            "scope": " ".join(sorted(bearer.scopes)),
            "client_id": bearer.client_id,
            "sub": bearer.subject,
            "token_type": "Bearer",
            "iat": int(bearer.issued),
            "exp": int(bearer.expires),
        }
        return {**claims, "aud": bearer.audience} if bearer.audience else claims

    def _check_family(self, family: Family) -> None:
        if family.ended:
            number = 50173 if "consent" in family.ended else 70000
            self.call.refuse(errors.InvalidGrantError, number, f"the sign-in has ended: {family.ended}")
        self.call.family = family

    def _check_resource(self, former: str) -> None:
        """A token stays for what its sign-in was for; on v1 paths another resource may be named (Entra ID)."""
        self.call.resource = self.call.resource or former
        if self.call.version == "v1" and not self.call.resource:
            self.call.refuse(errors.InvalidRequestError, 900144, "the body must contain: 'resource'")

"""Passkeys through the `webauthn` library: options for the browser, checks of its answers."""

from collections.abc import Sequence
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from breachdesk.access.ports import Site
from breachdesk.access.terms import NewPasskey
from breachdesk.kernel.errors import Unusable

NAME = "BreachDesk"
WRONG = (WebAuthnException, ValueError, TypeError, KeyError, RecursionError)
"""What the library raises for an answer that is none."""


class WebAuthnPasskeys:
    """Asks for keys that a device unlocks for its owner alone: two factors in one."""

    def ask_for_new(
        self, site: Site, member_id: UUID, account: str, name: str, held: Sequence[bytes]
    ) -> tuple[str, bytes]:
        """Return the options for the browser, as JSON, and the challenge in them."""
        options = generate_registration_options(
            rp_id=site.host,
            rp_name=NAME,
            user_id=member_id.bytes,
            user_name=account,
            user_display_name=name,
            exclude_credentials=_described(held),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
        )
        return options_to_json(options), options.challenge

    def read_new(self, site: Site, challenge: bytes, answer: str) -> NewPasskey:
        """Return the key that the browser made. Raises Unusable."""
        try:
            made = verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=site.host,
                expected_origin=site.origin,
                require_user_verification=True,
            )
        except WRONG as error:
            raise Unusable(_why(error)) from None
        return NewPasskey(
            made.credential_id,
            made.credential_public_key,
            made.sign_count,
            backed_up=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        )

    def ask(self, site: Site, held: Sequence[bytes]) -> tuple[str, bytes]:
        """Return the options for signing in, as JSON, and the challenge in them."""
        options = generate_authentication_options(
            rp_id=site.host,
            allow_credentials=_described(held),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json(options), options.challenge

    def credential_of(self, answer: str) -> bytes:
        """Return which key an answer speaks of. Raises Unusable."""
        try:
            return parse_authentication_credential_json(answer).raw_id
        except WRONG as error:
            raise Unusable(_why(error)) from None

    def check(
        self, site: Site, challenge: bytes, answer: str, public_key: bytes, sign_count: int
    ) -> int:
        """Return the key's new count. Raises Unusable where the answer does not hold."""
        try:
            return verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=site.host,
                expected_origin=site.origin,
                credential_public_key=public_key,
                credential_current_sign_count=sign_count,
                require_user_verification=True,
            ).new_sign_count
        except WRONG as error:
            raise Unusable(_why(error)) from None


def _described(held: Sequence[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=each) for each in held]


def _why(error: Exception) -> str:
    """Say what is wrong by its kind alone: the answer itself is nobody's business."""
    return f"the passkey's answer does not hold ({type(error).__name__})"

"""Signs in, checks, books, changes and cancels, by nothing but the generated client."""

import datetime
import re
import sys
import time
from typing import TypeVar

import httpx

from holdfast_client import AuthenticatedClient, Client
from holdfast_client.api.bookings import (
    cancel_booking,
    check_availability,
    create_booking,
    get_booking,
    update_booking,
)
from holdfast_client.api.people import send_code, verify_code
from holdfast_client.models import (
    Availability,
    BookedStay,
    Booking,
    Cancellation,
    CodeProof,
    CodeRequest,
    CodeSent,
    Companion,
    FieldsUpdate,
    SignedIn,
    StayBooking,
    StayCheck,
)

MOBILE = "+491510000123"
CODE_WAIT_S_MAX = 60
ANSWER_WAIT = httpx.Timeout(60)
T = TypeVar("T")


def expect(answer: object, kind: type[T]) -> T:
    if not isinstance(answer, kind):
        sys.exit(f"expected {kind.__name__}: {answer}")
    return answer


def code(client: Client) -> str:
    """The code that arrives in the inbox, which is no part of the documented API."""
    deadline = time.monotonic() + CODE_WAIT_S_MAX
    while time.monotonic() < deadline:
        inbox = client.get_httpx_client().get("/dev/inbox.json").raise_for_status().json()
        for message in inbox["messages"]:
            found = re.search(r"\b\d{6}\b", message["text"])
            if message["to"] == MOBILE and found:
                return found.group()
    sys.exit("no code has arrived")


def sign_in(url: str) -> AuthenticatedClient:
    client = Client(base_url=url, timeout=ANSWER_WAIT)
    sent = expect(send_code.sync(client=client, body=CodeRequest(mobile=MOBILE)), CodeSent)
    proof = CodeProof(mobile=MOBILE, otp=code(client), challenge_id=sent.challenge_id)
    signed_in = expect(verify_code.sync(client=client, body=proof), SignedIn)
    return AuthenticatedClient(base_url=url, token=signed_in.access_token, timeout=ANSWER_WAIT)


def book(client: AuthenticatedClient) -> None:
    checkin = datetime.date.today() + datetime.timedelta(days=40)
    checkout = checkin + datetime.timedelta(days=3)
    check = StayCheck(room_type_id="city-double", checkin_date=checkin, checkout_date=checkout, num_guests=1)
    assert expect(check_availability.sync(client=client, body=check), Availability).available

    stay = StayBooking(
        room_type_id="city-double",
        checkin_date=checkin,
        checkout_date=checkout,
        num_guests=1,
        guests=[Companion(name="Ada Guest", age=34)],
    )
    booked = expect(create_booking.sync(client=client, body=stay, idempotency_key='"stay-1"'), Booking)
    again = expect(create_booking.sync(client=client, body=stay, idempotency_key='"stay-1"'), Booking)
    assert again.id == booked.id, "a repeated key gives the first answer"
    line = expect(booked.lines[0], BookedStay)
    assert (line.checkin_date, line.checkout_date) == (checkin, checkout)

    longer = FieldsUpdate(checkout_date=checkout + datetime.timedelta(days=1), expected_version=booked.version)
    changed = expect(update_booking.sync(booked.id, client=client, body=longer), Booking)
    assert expect(changed.lines[0], BookedStay).checkout_date > checkout
    assert changed.total_price.amount > booked.total_price.amount

    reason = Cancellation(reason="chose another day")
    expect(cancel_booking.sync(booked.id, client=client, body=reason), Booking)
    found = expect(get_booking.sync(booked.id, client=client), Booking)
    assert found.status == "CANCELLED", found.status


book(sign_in(sys.argv[1]))

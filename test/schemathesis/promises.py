"""What schemathesis is told of this API beside its OpenAPI document."""

import atexit
import collections
import json
import os
import urllib.request
import uuid

import schemathesis

URL = os.environ["LYCEUM_URL"]

# Each ends the session of its caller, which all other requests have.
ENDS_SESSION = {"Logout", "DeleteMe", "RevokeSession"}

statuses = collections.Counter()


@schemathesis.auth(refresh_interval=None)
class Session:
    """The token of LYCEUM_TOKEN; a request that ends a session has one of its own."""

    def get(self, case, ctx):
        return token_of_a_new_account() if operation_of(case) in ENDS_SESSION else os.environ["LYCEUM_TOKEN"]

    def set(self, case, data, ctx):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.hook
def after_call(ctx, case, response):
    statuses[f"{operation_of(case)} {response.status_code}"] += 1


# The test examines them: refusals alone would prove nothing.
atexit.register(lambda: print("STATUSES " + json.dumps(statuses)))


def operation_of(case):
    return case.operation.definition.raw.get("operationId")


# Rules between fields, of the time of now, and of names that no schema has.
BEYOND_A_SCHEMA = {
    "read.choice",
    "announcement.audience",
    "banner.period",
    "event.ends_at",
    "time_zone.known",
    "timestamp.gt_now",
}


@schemathesis.check
def what_fits_is_read(ctx, response, case):
    """A request that fits the document is not refused as malformed, or for a rule that a schema could say."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code not in (400, 422):
        return
    problem = response.json()
    rules = {violation["rule"] for violation in problem["violations"]}
    if problem["reason"] == "INVALID_FIELDS" and rules == {"string.max_bytes"}:
        return  # JSON Schema does not count bytes.
    if problem["reason"] == "MALFORMED_REQUEST" and "page_token" in problem["detail"]:
        return  # No schema says that two parameters exclude each other.
    if rules == {"password.common"}:
        return  # No schema has the list.
    if rules and rules <= BEYOND_A_SCHEMA:
        return
    if problem["reason"] == "MALFORMED_REQUEST" and "a code, or a recovery_code" in problem["detail"]:
        return  # No schema says that one of two fields is needed.
    if operation_of(case) == "IssueToken":
        return  # A form has no null: the word is sent in its place.
    assert problem["reason"] not in ("INVALID_FIELDS", "MALFORMED_REQUEST"), problem["detail"]


def token_of_a_new_account():
    email = f"{uuid.uuid4()}@example.org"
    password = "correct horse"
    post("/v1/auth/register", {"email": email, "password": password, "first_name": "A", "last_name": "B"})
    return post("/v1/auth/login", {"email": email, "password": password})["access_token"]


def post(path, body):
    request = urllib.request.Request(URL + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)

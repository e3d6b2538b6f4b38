"""What schemathesis is told of this API beside its OpenAPI document."""

import json
import os
import urllib.request
import uuid

import schemathesis

URL = os.environ.get("LYCEUM_URL", "")

# Each ends the session of its caller, which all other requests have.
ENDS_SESSION = {"Logout", "DeleteMe"}


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """A request that ends a session has one of its own."""
    operation = case.operation.definition.raw.get("operationId")
    headers = kwargs.get("headers") or {}
    if URL and operation in ENDS_SESSION and "Authorization" in headers:
        headers["Authorization"] = "Bearer " + token_of_a_new_account()


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

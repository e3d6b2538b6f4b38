"""A client in Python: the package that openapi-python-client made, over httpx."""

import base64
import importlib
import inspect
import io
import json
import pkgutil
import re
import sys
import typing
import urllib.parse

sys.path.insert(0, "gen/made")

import lyceum_client.api
from lyceum_client import AuthenticatedClient, Client
from lyceum_client.models import Problem
from lyceum_client.types import File

MODULES = {}
for group in pkgutil.iter_modules(lyceum_client.api.__path__):
    package = importlib.import_module(f"lyceum_client.api.{group.name}")
    for module in pkgutil.iter_modules(package.__path__):
        MODULES[module.name] = importlib.import_module(f"{package.__name__}.{module.name}")


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def argument(parameter, value):
    """The value of a parameter, as the generated function has its type: an enum, a time, or what it is."""
    if "datetime" in str(parameter.annotation):
        import datetime

        return datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    for kind in typing.get_args(parameter.annotation):
        if inspect.isclass(kind) and hasattr(kind, "__members__"):
            return kind(value)
    return value


def play(call):
    module = MODULES[snake(call["rpc"])]
    headers = {**call["headers"]}
    options = {"base_url": call["base"], "headers": headers, "raise_on_unexpected_status": True}
    client = AuthenticatedClient(token=call["token"], **options) if call.get("token") else Client(**options)
    parameters = inspect.signature(module._get_kwargs).parameters
    given = {name: argument(parameters[name], value) for name, value in {**call["path"], **call["query"]}.items()}
    if "body" in parameters:
        body_class = next(
            kind
            for kind in (typing.get_args(parameters["body"].annotation) or [parameters["body"].annotation])
            if hasattr(kind, "from_dict")
        )
        if (call.get("content") or {}).get("type") == "application/x-www-form-urlencoded":
            form = base64.b64decode(call["content"]["data"]).decode()
            given["body"] = body_class.from_dict(dict(urllib.parse.parse_qsl(form)))
        elif call.get("content"):
            data = io.BytesIO(base64.b64decode(call["content"]["data"]))
            given["body"] = body_class(file=File(payload=data, file_name="picture", mime_type=call["content"]["type"]))
        elif call["hasBody"] and (call["json"] or parameters["body"].default is inspect.Parameter.empty):
            given["body"] = body_class.from_dict(call["json"])
    if call["answer"] in ("content", "stream"):
        return content(call, client, module, given)
    response = module.sync_detailed(client=client, **given)
    answer = {"status": int(response.status_code)}
    if response.parsed is not None:
        answer["json"] = response.parsed.to_dict()
    if isinstance(response.parsed, Problem):
        answer["reason"] = response.parsed.reason
    return answer


def content(call, client, module, given):
    """The generated function reads an answer to its end and as its first media type: pictures and streams go by httpx."""
    http = client.get_httpx_client()
    with http.stream(**module._get_kwargs(**given)) as response:
        answer = {"status": response.status_code, "contentType": response.headers.get("content-type")}
        if response.status_code >= 400:
            response.read()
            problem = module._parse_response(client=client, response=response)
            return {**answer, "json": problem.to_dict(), "reason": problem.reason}
        data = b""
        for chunk in response.iter_raw():
            data += chunk
            if call["answer"] == "stream" and re.search(rb"^data:.*\n\n", data, re.M):
                break
        return {**answer, "body": base64.b64encode(data).decode()}


for line in sys.stdin:
    call = json.loads(line)
    try:
        answer = play(call)
    except Exception as error:  # Every failure belongs to the call.
        answer = {"error": repr(error)}
    print(json.dumps({"id": call["id"], **answer}), flush=True)

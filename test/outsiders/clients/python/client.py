"""A client in Python: requests, and the classes that protoc made. It reads a call from each line of its standard input."""

import base64
import importlib
import json
import pathlib
import sys

import requests
from google.protobuf import descriptor_pool, empty_pb2, message_factory  # noqa: F401 (empty_pb2 registers Empty)

PROTOBUF = "application/x-protobuf"
GENERATED = pathlib.Path(__file__).parent / "gen"

sys.path.insert(0, str(GENERATED))
for file in sorted(GENERATED.rglob("*_pb2.py")):
    importlib.import_module(".".join(file.relative_to(GENERATED).with_suffix("").parts))

from lyceum.v1.problem_pb2 import Problem  # noqa: E402

session = requests.Session()


def read(name, data):
    """Reads bytes with the generated class of this full name, without what it does not know."""
    message_class = message_factory.GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(name))
    message = message_class.FromString(data)
    message.DiscardUnknownFields()
    return message


def first_event(response):
    """The bytes of a stream up to the empty line behind the first line of data."""
    text, has_data = b"", False
    for line in response.iter_lines(chunk_size=1):
        text += line + b"\n"
        has_data = has_data or line.startswith(b"data:")
        if has_data and not line:
            return text
    raise ValueError("the stream ended before its first event")


def play(call):
    headers = {"Accept": ", ".join([*call["produces"], PROTOBUF])}
    body = None
    request = read(call["requestType"], base64.b64decode(call["message"]))
    if call["hasBody"]:
        headers["Content-Type"] = PROTOBUF
        body = request.SerializeToString()
    elif call.get("content"):
        headers["Content-Type"] = call["content"]["type"]
        body = base64.b64decode(call["content"]["data"])
    if call.get("token"):
        headers["Authorization"] = "Bearer " + call["token"]
    headers.update(call["headers"])
    with session.request(
        call["verb"], call["base"] + call["target"], data=body, headers=headers, stream=True, timeout=20
    ) as response:
        answer = {"id": call["id"], "status": response.status_code, "contentType": response.headers.get("Content-Type")}
        if response.ok and call["answer"] == "stream":
            data = first_event(response)
        elif not response.ok:
            problem = Problem.FromString(response.content)
            answer["reason"] = problem.reason
            data = problem.SerializeToString()
        elif call["answer"] == "message":
            data = read(call["responseType"], response.content).SerializeToString()
        else:
            data = response.content
            if call["answer"] == "nothing" and data:
                raise ValueError(f"{len(data)} bytes where nothing was expected")
        return {**answer, "body": base64.b64encode(data).decode()}


for line in sys.stdin:
    call = json.loads(line)
    try:
        answer = play(call)
    except Exception as error:  # Every failure belongs to the call.
        answer = {"id": call["id"], "error": repr(error)}
    print(json.dumps(answer), flush=True)

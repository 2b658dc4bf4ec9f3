"""`method.call/<name>`: a DDP method over REST."""

from typing import Any

from sandbox.rocketchat.ddp.ejson import revive
from sandbox.rocketchat.ddp.errors import MethodError, from_refusal
from sandbox.rocketchat.ddp.methods import MethodCall, methods_of
from sandbox.rocketchat.errors import CodedError, Refused
from sandbox.rocketchat.model import Document
from sandbox.rocketchat.rest.route import Call, Route, post
from sandbox.rocketchat.rest.shapes import shape
from sandbox.rocketchat.wire import ddp_json, parse_json


def method_call(call: Call) -> Document:
    """`method.call`: reaches the methods the release still has."""
    try:
        given = parse_json(call.params["message"], revive)
        name, params, call_id = given["method"], given.get("params", []), given.get("id")
    except (ValueError, TypeError, KeyError) as error:
        raise CodedError("error-invalid-params", "Invalid message") from error
    if not isinstance(params, list):
        raise CodedError("error-invalid-params", "Invalid message")
    answer: Document = {"msg": "result", "id": call_id}
    try:
        answer["result"] = _result(call, str(name), params)
    except MethodError as error:
        answer["error"] = error.document()
    except Refused as refused:
        answer["error"] = from_refusal(refused).document()
    return {"message": ddp_json(answer)}


def _result(call: Call, name: str, params: list[Any]) -> object:
    # A client writes `rooms/get` as `rooms:get` in the path.
    asked = call.path[0].replace(":", "/") == name.replace(":", "/")
    method = methods_of(call.version).get(name) if asked else None
    if method is None:
        raise MethodError(404, f"Method '{name}' not found")
    return method(MethodCall(workspace=call.workspace, user=call.user, params=params))


ROUTES: tuple[Route, ...] = (post("method.call", method_call, shape(message="string!"), parts=1),)

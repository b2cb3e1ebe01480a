"""Checks requests to Anthropic's Messages API against the official library's own types, one JSON line in, one out: the list
of what is wrong with it. Strict: a key that the types do not have is wrong, and nothing is converted. Ends with its input.
"""

import json
import sys
import typing

import typing_extensions
from anthropic.types.message_create_params import MessageCreateParamsStreaming
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

# Files that are open may stand in a request, too; such a type pydantic does not know.
STRICT = ConfigDict(extra="forbid", strict=True, arbitrary_types_allowed=True)


def forbid(kind, seen):
    """Makes every typed dictionary and every model that a type is made of strict."""
    if typing_extensions.is_typeddict(kind):
        if kind in seen:
            return
        seen.add(kind)
        kind.__pydantic_config__ = STRICT
        for field in typing_extensions.get_type_hints(kind, include_extras=True).values():
            forbid(field, seen)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        if kind in seen:
            return
        seen.add(kind)
        for field in kind.model_fields.values():
            forbid(field.annotation, seen)
        # Parts of answers may be sent back as they came; as such they take any key.
        kind.model_config = {**kind.model_config, "extra": "forbid", "strict": True}
        kind.model_rebuild(force=True)
    for part in typing.get_args(kind):
        forbid(part, seen)


def lists(value):
    """The types say Iterable, of which pydantic makes a lazy one; what is in it is judged all the same by reading it."""
    if isinstance(value, (str, bytes)):
        return
    if isinstance(value, dict):
        for part in value.values():
            lists(part)
    elif isinstance(value, (list, tuple)) or hasattr(value, "__next__"):
        for part in value:
            lists(part)


forbid(MessageCreateParamsStreaming, set())
adapter = TypeAdapter(MessageCreateParamsStreaming)

for line in sys.stdin:
    try:
        lists(adapter.validate_python(json.loads(line)))
        faults = []
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)]
    print(json.dumps(faults), flush=True)

"""Signs webhooks with Twilio's official library, one JSON line in, one signature out.

In: {"url": str, "params": [[name, value], ...], "token": str}. Out: the value of X-Twilio-Signature. Ends with its input.
"""

import json
import sys

from twilio.request_validator import RequestValidator


class Params(dict):
    """A form whose fields may repeat, in the shape the library knows from Django."""

    def getlist(self, name):
        return self[name]


for line in sys.stdin:
    request = json.loads(line)
    params = Params()
    for name, value in request["params"]:
        params.setdefault(name, []).append(value)
    print(RequestValidator(request["token"]).compute_signature(request["url"], params), flush=True)

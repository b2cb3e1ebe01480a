"""A real mail server (aiosmtpd) that a test can tell how to treat the next mails.

Out, one JSON line each: {"port": n} at first, then {"from", "to", "data"} for every mail that it took. In, a word a line,
each for the next mail: `refuse` (550 at RCPT), `later` (450 at RCPT), `drop` (takes it, then breaks the connection instead
of answering), `break` (breaks the connection at DATA, taking nothing), `reject` (554 after the data). `greylist ADDRESS` holds for all mails to it, until
`welcome ADDRESS`. Ends with its input.
"""

import asyncio
import json
import sys
from collections import deque

from aiosmtpd.smtp import SMTP, AuthResult

USER, PASSWORD = b"boss", b"correct horse battery"
faults = deque()
greylisted = set()


def say(line):
    print(json.dumps(line), flush=True)


class Server(SMTP):
    async def smtp_DATA(self, arg):
        if faults and faults[0] == "break":
            faults.popleft()
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if faults and faults[0] in ("refuse", "later"):
            if faults.popleft() == "refuse":
                return "550 5.1.1 no such user here"
            return "450 4.7.1 greylisted, come again later"
        if address in greylisted:
            return "450 4.7.1 greylisted, come again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        fault = faults.popleft() if faults else None
        if fault == "reject":
            return "554 5.7.1 this looks like spam"
        say({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "data": envelope.content.decode("utf-8", "surrogateescape"),
        })
        if fault == "drop":
            server.transport.abort()
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == USER and data.password == PASSWORD
    # What is not handled here is answered by the server: 535.
    return AuthResult(success=right, handled=right)


async def main():
    loop = asyncio.get_running_loop()
    with_login = "--login" in sys.argv

    def one():
        return Server(
            Handler(), hostname="mail.example.com", authenticator=authenticate if with_login else None,
            auth_required=with_login, auth_require_tls=False, enable_SMTPUTF8=False,
        )

    server = await loop.create_server(one, "127.0.0.1", 0)
    say({"port": server.sockets[0].getsockname()[1]})
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        word, _, address = line.decode().strip().partition(" ")
        if word == "greylist":
            greylisted.add(address)
        elif word == "welcome":
            greylisted.discard(address)
        else:
            faults.append(word)
        say({"fault": word})


asyncio.run(main())

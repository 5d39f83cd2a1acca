"""Start the PyPI package mastodon-mock on loopback: PORT [RATE_LIMIT [WINDOW_S]].

Not by its own command line: version 0.6.1 answers 500 whenever it has to put a path that is not ASCII (a Chinese
hashtag) into the Link header. This percent-encodes that path, as Mastodon does; nothing else is changed.
"""

import sys
from urllib.parse import quote

import uvicorn
from mastodon_mock.app import create_app
from mastodon_mock.config import MastodonMockConfig
from mastodon_mock.routers import helpers

_link = helpers.link_header
helpers.link_header = lambda base, page, extra=None: _link(quote(base, safe=":/%"), page, extra)

port = int(sys.argv[1])
config = MastodonMockConfig(domain=f"127.0.0.1:{port}", url_scheme="http")
if len(sys.argv) > 2:
    config.ratelimit.enabled, config.ratelimit.limit = True, int(sys.argv[2])
    config.ratelimit.window_seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 60
uvicorn.run(create_app(config), host="127.0.0.1", port=port, log_level="warning")

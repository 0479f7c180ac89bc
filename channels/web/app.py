"""Put the web app together, and serve it."""

import logging
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
import uvicorn
from fastapi import FastAPI
from fastapi.responses import FileResponse
from nicegui import app as nicegui_app
from nicegui import ui
from sqlalchemy import Engine
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from agents.watchers import WATCHERS, run_forever
from channels import mail
from channels.web import pages
from channels.web.calendars import add_calendars
from channels.web.downloads import add_downloads
from channels.web.entrance import add_entrance
from channels.web.guard import Guard
from channels.web.hooks import add_hooks
from channels.web.house import House
from channels.web.layout import STATIC, style_sheet
from channels.web.mail_links import add_mail_links
from core.kernel.memory import search_rarely
from core.kernel.settings import Settings
from tools import TOOLBOX

# The browser asks again for a page's state after this; a telephone that slept keeps its page.
RECONNECT_SECONDS = 30.0
SHUTDOWN_SECONDS = 3


def create_app(engine: Engine, settings: Settings) -> FastAPI:
    """Return the web app of one company; its watchers work as long as it runs.

    NiceGUI has one set of pages for a process, so there is one web app in a process.
    """
    house = House(engine, settings, TOOLBOX)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stop = threading.Event()
        watchers = threading.Thread(
            target=run_forever, args=(engine, TOOLBOX, WATCHERS, stop), name="watchers", daemon=True
        )
        watchers.start()
        postman = threading.Thread(
            target=mail.run_forever, args=(engine, settings, stop), name="mail", daemon=True
        )
        if settings.mail_address is not None:
            postman.start()
        house.pulse.start()
        yield
        stop.set()
        house.close()
        watchers.join(timeout=SHUTDOWN_SECONDS)
        if settings.mail_address is not None:
            postman.join(timeout=SHUTDOWN_SECONDS)

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)

    @app.get("/healthz", include_in_schema=False)
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/favicon.ico", include_in_schema=False)
    def favicon() -> FileResponse:
        return FileResponse(STATIC / "favicon.svg")

    add_entrance(app)
    add_downloads(app)
    add_hooks(app)
    add_calendars(app)
    add_mail_links(app)
    app.mount("/assets", StaticFiles(directory=STATIC), name="assets")
    pages.add_pages()
    ui.add_head_html(style_sheet(), shared=True)
    nicegui_app.config.socket_io_js_transports = ["websocket"]
    ui.run_with(
        app,
        title="Prokurist",
        favicon=STATIC / "favicon.svg",
        dark=None,
        tailwind=False,
        reconnect_timeout=RECONNECT_SECONDS,
        gzip_middleware_factory=None,
        show_welcome_message=False,
        binding_refresh_interval=None,
    )
    # The last one added is the first one passed: what the guard has finished is then packed.
    app.add_middleware(Guard, house=house)
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    return app


def serve(engine: Engine, settings: Settings) -> None:
    """Serve the web app until it is told to stop."""
    if not structlog.is_configured():
        _log_without_secrets()
    web_app = create_app(engine, settings)
    search_rarely()
    uvicorn.run(
        web_app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        # Who calls is the address that the connection came from, not one that a header claims.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


def _log_without_secrets() -> None:
    """Log one line of JSON for each event; a traceback shows lines of code, and no values."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        # What goes well is in the audit trail; the terminal it was started in stays readable.
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )

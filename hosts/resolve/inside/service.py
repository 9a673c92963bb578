"""The grading service as Resolve's side sees it: jobs in, plain values and files out."""

from typing import Any, Callable, Dict, Optional

from .errors import ResolveError, Stopped

try:  # installed: the client stands beside this folder's modules
    from .client import Client, ClientError  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    from gradewright.hosts.client import Client, ClientError

Progress = Callable[[float, str], Any]
Cancelled = Callable[[], bool]


class Service:
    """Connects when first asked, so that errors of Resolve's side are told without a service."""

    def __init__(self, client: Optional[Any] = None) -> None:
        self._client = client

    def job(
        self,
        kind: str,
        request: Dict[str, Any],
        progress: Optional[Progress] = None,
        cancelled: Optional[Cancelled] = None,
    ) -> Dict[str, Any]:
        """Run a job and wait for its result.

        Raises
        ------
        ResolveError : with the service's own line
        Stopped : cancelled
        """
        try:
            if self._client is None:
                self._client = Client.connect()
            asked = {name: value for name, value in request.items() if value is not None}
            return dict(self._client.job(kind, asked, progress, cancelled))
        except ClientError as error:
            if error.kind == "cancelled":
                raise Stopped("cancelled") from None
            raise ResolveError(str(error)) from None

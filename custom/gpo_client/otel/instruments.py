"""The metrics."""

from __future__ import annotations

from opentelemetry.metrics import Meter

# As the conventions advise, for answers and their first chunks …
_ANSWER_S = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
# … and for requests.
_REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)


class Instruments:
    """What is counted and measured.

    Args:
        meter: Makes the instruments.
    """

    def __init__(self, meter: Meter) -> None:
        self.operation_duration = meter.create_histogram(
            "gen_ai.client.operation.duration",
            "s",
            "How long questions take, to the end of the answer.",
            explicit_bucket_boundaries_advisory=_ANSWER_S,
        )
        self.time_to_first_chunk = meter.create_histogram(
            "gen_ai.client.operation.time_to_first_chunk",
            "s",
            "Time from the request to the first chunk of a stream.",
            explicit_bucket_boundaries_advisory=_ANSWER_S,
        )
        self.request_duration = meter.create_histogram(
            "http.client.request.duration",
            "s",
            "How long single requests take, to the head of the answer.",
            explicit_bucket_boundaries_advisory=_REQUEST_S,
        )
        self.retries = meter.create_counter("gpo.client.retries", "{retry}", "Requests that were sent again.")
        self.resumes = meter.create_counter(
            "gpo.client.resumes", "{resume}", "Streams that were continued on a new connection."
        )
        self.active_streams = meter.create_up_down_counter(
            "gpo.client.active_streams", "{stream}", "Streams that are open at the moment."
        )

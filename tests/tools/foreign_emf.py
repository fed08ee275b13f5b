#!/usr/bin/env python3
"""Prints metric lines (CloudWatch embedded metric format) made by two libraries that are not ours.

    tests/tools/foreign_emf.py [powertools | embedded-metrics]     default: both, in this order

One complete JSON document per line, stamped with the present time; every line keeps the rules of
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
Values are constants, so two runs differ only in their timestamps. Nothing touches the network.

What the two write differently:
  powertools        `_aws` first, every value an array of floats, `[[]]` when there is no dimension
  embedded-metrics  `_aws` last, a lone value as a scalar, default dimensions LogGroup, ServiceName
                    and ServiceType, when bound for a socket also `_aws.LogGroupName`
"""

import os
import sys
from pathlib import Path

VENV = Path(__file__).resolve().parent.parent / ".tools" / "py"


def enter_venv():
    """Starts over in the interpreter that tests/setup made, unless it is this one."""
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    python = VENV / "bin" / "python"
    if not python.exists():
        sys.exit("foreign_emf.py: no tests/.tools/py; run tests/setup first")
    os.execv(python, [str(python), *sys.argv])


def forget_settings():
    """Both libraries read variables that would rename, redirect or silence their metrics."""
    for name in list(os.environ):
        if name.startswith(("POWERTOOLS_", "AWS_EMF_", "AWS_LAMBDA_")):
            del os.environ[name]


# Every unit that CloudWatch knows, in the spelling of its API.
UNITS = (
    ["Seconds", "Microseconds", "Milliseconds"]
    + [f"{size}{per}" for per in ("", "/Second") for size in ("Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes")]
    + [f"{size}{per}" for per in ("", "/Second") for size in ("Bits", "Kilobits", "Megabits", "Gigabits", "Terabits")]
    + ["Percent", "Count", "Count/Second", "None"]
)

NESTED = {"labels": ["self-hosted", "linux", "x64"], "run": {"id": 17471820441, "attempt": 1}, "fork": False, "pr": None}
# Past ASCII and with the characters that JSON escapes: properties may hold anything.
AWKWARD_TEXT = 'déploiement "prod" \\ 日本 🚀\nsecond line\ttab'


def powertools():
    from aws_lambda_powertools.metrics import EphemeralMetrics, MetricResolution, MetricUnit, single_metric

    def metrics(service=None):
        return EphemeralMetrics(namespace="Foreign/Powertools", service=service)

    m = metrics()  # no dimension at all
    m.add_metric("JobsQueued", MetricUnit.Count, 1)
    m.flush_metrics()

    m = metrics("runner-dispatch")  # several metrics, several dimensions, the extreme values
    m.add_dimension("pool", "linux-large")
    m.add_dimension("status", "in_progress")
    m.add_metric("QueueSeconds", MetricUnit.Seconds, 42)
    m.add_metric("RunSeconds", MetricUnit.Seconds, 0.25)
    m.add_metric("Drift", MetricUnit.Milliseconds, -17.5)
    m.add_metric("Idle", MetricUnit.Count, 0)
    m.add_metric("Largest", MetricUnit.NoUnit, 1e108)
    m.add_metric("Smallest", MetricUnit.NoUnit, 1e-108)
    m.flush_metrics()

    m = metrics("values")  # 99 values stay together; the 100th makes the library print at once
    for i in range(99):
        m.add_metric("QueueSeconds", MetricUnit.Seconds, i)
    m.flush_metrics()
    for i in range(101):
        m.add_metric("QueueSeconds", MetricUnit.Seconds, i)
    m.flush_metrics()

    m = metrics("resolution")  # one-second metrics beside one-minute metrics
    m.add_metric("Queued", MetricUnit.Count, 3, resolution=MetricResolution.High)
    m.add_metric("Running", MetricUnit.Count, 7, resolution=1)
    m.add_metric("Finished", MetricUnit.Count, 9, resolution=MetricResolution.Standard)
    m.flush_metrics()

    m = metrics("metadata")
    m.add_metric("JobsQueued", MetricUnit.Count, 1)
    m.add_metadata("job", NESTED)
    m.add_metadata("title", AWKWARD_TEXT)
    m.add_metadata(7, "a key that was a number")
    m.flush_metrics()

    m = metrics("units")
    for unit in UNITS:
        m.add_metric(f"In {unit}", unit, 1)
    m.flush_metrics()

    m = metrics("split")  # 250 metrics: 100, 100 and 50
    for i in range(250):
        m.add_metric(f"Metric{i:03}", MetricUnit.Count, i)
    m.flush_metrics()

    m = metrics("sets")  # the first set holds `service` alone
    m.add_dimensions(pool="linux-large")
    m.add_dimensions(pool="linux-large", repository="acme/web")
    m.add_metric("QueueSeconds", MetricUnit.Seconds, 42)
    m.flush_metrics()

    m = metrics()  # as many dimensions as the library lets through: one less than CloudWatch does
    for i in range(29):
        m.add_dimension(f"dimension{i:02}", f"value{i:02}")
    m.add_metric("n" * 255, MetricUnit.Count, 1)
    m.flush_metrics()

    with single_metric(name="ColdStart", unit=MetricUnit.Count, value=1, namespace="Foreign/Powertools") as m:
        m.add_dimension("function_name", "webhook")


def embedded_metrics():
    # A datagram endpoint is opened without a handshake, and nothing is ever sent to it.
    os.environ["AWS_EMF_AGENT_ENDPOINT"] = "udp://127.0.0.1:25888"
    os.environ["AWS_EMF_LOG_STREAM_NAME"] = "host-1"

    from aws_embedded_metrics.environment.default_environment import DefaultEnvironment
    from aws_embedded_metrics.environment.lambda_environment import LambdaEnvironment
    from aws_embedded_metrics.environment.local_environment import LocalEnvironment
    from aws_embedded_metrics.logger.metrics_logger import MetricsLogger
    from aws_embedded_metrics.storage_resolution import StorageResolution

    def metrics(environment=LocalEnvironment()):
        async def resolve():
            return environment

        return MetricsLogger(resolve).set_namespace("Foreign/EmbeddedMetrics")

    m = metrics()  # the three default dimensions and nothing else
    m.put_metric("JobsQueued", 1, "Count")
    m.flush_sync()

    m = metrics()  # several metrics, dimensions added to the defaults, the extreme values
    m.put_dimensions({"pool": "linux-large", "status": "in_progress"})
    m.put_metric("QueueSeconds", 42, "Seconds")
    m.put_metric("RunSeconds", 0.25, "Seconds")
    m.put_metric("Drift", -17.5, "Milliseconds")
    m.put_metric("Idle", 0, "Count")
    m.put_metric("Largest", 1e108)
    m.put_metric("LargestInteger", 2**53 - 1)
    m.put_metric("Smallest", 1e-108)
    m.flush_sync()

    m = metrics()  # 250 values of one metric beside 100 of another: 100, 100 and 50
    for i in range(250):
        m.put_metric("QueueSeconds", i, "Seconds")
    for i in range(100):
        m.put_metric("RunSeconds", i / 4, "Seconds")
    m.flush_sync()

    m = metrics()
    m.put_metric("Queued", 3, "Count", StorageResolution.HIGH)
    m.put_metric("Running", 7, "Count", StorageResolution.HIGH)
    m.put_metric("Finished", 9, "Count", StorageResolution.STANDARD)
    m.flush_sync()

    m = metrics()
    m.set_property("job", NESTED).set_property("title", AWKWARD_TEXT)
    m.put_metric("JobsQueued", 1, "Count")
    try:
        raise TimeoutError("no runner came")
    except TimeoutError:
        m.add_stack_trace("failure", details={"waited_secs": 86400})
    m.flush_sync()

    m = metrics()
    for unit in UNITS:
        m.put_metric(f"In {unit}", 1, unit)
    m.flush_sync()

    m = metrics()  # 250 metrics: 100, 100 and 50
    for i in range(250):
        m.put_metric(f"Metric{i:03}", i, "Count")
    m.flush_sync()

    m = metrics()  # sets instead of the defaults, the last one empty: the sum over everything
    m.set_dimensions({"pool": "linux-large"}, {"pool": "linux-large", "repository": "acme/web"}, {})
    m.put_metric("QueueSeconds", 42, "Seconds")
    m.flush_sync()

    m = metrics()  # sets on top of the defaults
    m.put_dimensions({"pool": "linux-large"})
    m.put_dimensions({"pool": "linux-large", "repository": "acme/web"})
    m.put_metric("QueueSeconds", 42, "Seconds")
    m.flush_sync()

    m = metrics()  # as many and as long as CloudWatch allows
    m.set_dimensions({f"dimension{i:02}": f"value{i:02}" for i in range(29)} | {"d" * 250: "v" * 1024})
    m.put_metric("n" * 250, 1, "Count")
    m.flush_sync()

    os.environ["AWS_LAMBDA_FUNCTION_NAME"] = "webhook"
    os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = "128"
    m = metrics(LambdaEnvironment())  # adds properties, some of them the empty string
    m.put_metric("JobsQueued", 1, "Count")
    m.flush_sync()

    class Stdout:
        def send_message(self, message):
            sys.stdout.write(message.decode())

    environment = DefaultEnvironment()
    environment.get_sink().client = Stdout()
    m = metrics(environment)  # what leaves by a socket when there is no Lambda
    m.put_metric("JobsQueued", 1, "Count")
    m.flush_sync()


PRODUCERS = {"powertools": powertools, "embedded-metrics": embedded_metrics}


def main():
    wanted = sys.argv[1:] or list(PRODUCERS)
    if len(sys.argv) > 2 or wanted[0] not in PRODUCERS:
        sys.exit(f"usage: foreign_emf.py [{' | '.join(PRODUCERS)}]")
    enter_venv()
    forget_settings()
    for name in wanted:
        PRODUCERS[name]()


main()

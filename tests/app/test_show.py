"""What a connector has, over the whole corpus."""

from __future__ import annotations

from pathlib import Path

import orjson

from tieline.app.load import load_connector
from tieline.app.show import operation_json, operation_text, overview_json, overview_text, running_order


def test_every_connector_of_the_corpus_is_shown(shared: Path) -> None:
    """Overview and every operation, as text and as JSON, name what they show."""
    shown = 0
    for folder in sorted((shared / "corpus" / "connectors").glob("*/*")):
        connector = load_connector(folder)
        text = overview_text(connector)
        orjson.dumps(overview_json(connector))
        for operation in connector.definition.operations.values():
            assert operation.id in text
            assert operation.path in operation_text(connector, operation)
            orjson.dumps(operation_json(connector, operation))
            assert set(map(id, running_order(connector, operation))) == set(
                map(id, connector.policies_of(operation.id))
            )
            shown += 1
    assert shown >= 3_800

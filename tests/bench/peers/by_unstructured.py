"""unstructured-ingest: its indexer, which asks for the restrictions of each page and the permissions of its space.

It keeps principals that its own rule leaves over, not the lists it read, so only its pages are counted here. With
atlassian-python-api 5, which it installs by itself, it asks for no restrictions: the method it calls is not there on
Cloud any more, and it takes the error for a page without an answer. So it is run with the last of 4.
"""

from __future__ import annotations

import warnings
from importlib.metadata import version

from reading import Facts, Site, told

with warnings.catch_warnings():
    # Of its own making, not of ours.
    warnings.simplefilter("ignore")
    from unstructured_ingest.processes.connectors.confluence import (
        ConfluenceAccessConfig,
        ConfluenceConnectionConfig,
        ConfluenceIndexer,
        ConfluenceIndexerConfig,
    )


def read(site: Site) -> Facts:
    """The index of all spaces, or of so many pages."""
    connection = ConfluenceConnectionConfig(
        url=site.url + "/wiki",
        username=site.username,
        cloud=True,
        access_config=ConfluenceAccessConfig(api_token=site.token),
    )
    most = site.sample or 1_000_000
    settings = ConfluenceIndexerConfig(max_num_of_spaces=1_000_000, max_num_of_docs_from_each_space=most)
    facts = Facts(without=("placed", "restrictions"))
    for document in ConfluenceIndexer(connection_config=connection, index_config=settings).run():
        facts.parents[document.metadata.record_locator["document_id"]] = None
        if len(facts.parents) >= most:
            break
    return facts


if __name__ == "__main__":
    told(read, f"unstructured-ingest {version('unstructured-ingest')}")

"""What NetworkX reads about the backend "xunke" when it is imported: names only, so that nothing heavy is loaded."""

from __future__ import annotations

from typing import Any, Final

FUNCTIONS: Final = (
    "connected_components", "core_number", "degree_centrality", "hits", "in_degree_centrality", "is_connected",
    "is_partition", "is_strongly_connected", "is_weakly_connected", "leiden_communities", "leiden_partitions",
    "louvain_communities", "louvain_partitions", "modularity", "number_connected_components",
    "number_strongly_connected_components", "number_weakly_connected_components", "out_degree_centrality",
    "overall_reciprocity", "pagerank", "reciprocity", "strongly_connected_components",
    "weakly_connected_components",
)  # fmt: skip


def get_info() -> dict[str, Any]:
    """The description that NetworkX asks of a backend."""
    return {
        "backend_name": "xunke",
        "project": "xunke",
        "package": "xunke",
        "short_summary": "Graphs of interactions in compressed sparse rows; scipy and scikit-network do the work.",
        "functions": {name: {} for name in FUNCTIONS},
    }

"""The contract of every live collector, which third parties inherit too: ``collectors.testing``."""

from collectors.testing.contract import (
    FLAWS,
    HOSTILE,
    CollectorContract,
    bare,
    check_record,
    pages,
    resumes,
    strings,
    transport,
)

__all__ = ["FLAWS", "HOSTILE", "CollectorContract", "bare", "check_record", "pages", "resumes", "strings", "transport"]

"""Calls the tool as an application does, through a local Arcade."""

import pytest
from arcadepy import Arcade, PermissionDeniedError


def count(user):
    return Arcade().tools.execute(tool_name="Issues.Count", user_id=user)


def test_counts_for_a_user_who_has_granted_it():
    assert count("ada@example.com").output.value == 2


def test_is_refused_for_a_user_who_has_not():
    with pytest.raises(PermissionDeniedError):
        count("bob@example.com")
    authorization = Arcade().tools.authorize(tool_name="Issues.Count", user_id="bob@example.com")
    assert authorization.status == "pending"
    assert authorization.url

"""Calls the tools as an application does, through a local Arcade."""

import os

import pytest
from arcadepy import Arcade

if not os.environ.get("ARCADE_BASE_URL", "").startswith("http://127.0.0.1:"):
    pytest.exit(
        "The tests need a local Arcade. Run them with: "
        "arcade local exec --seed seed.yaml --auto-grant -- uv run pytest",
        returncode=2,
    )


def call(tool, **inputs):
    answer = Arcade().tools.execute(
        tool_name=f"MyServer.{tool}", input=inputs, user_id=os.environ["ARCADE_USER_ID"]
    )
    assert answer.success, answer.output
    return answer.output.value


def test_greet():
    assert call("Greet", name="Ada") == "Hello, Ada!"


def test_whisper_secret():
    assert call("WhisperSecret") == "The last 4 characters of the secret are: ests"


def test_star_repo():
    assert call("StarRepo", owner="ArcadeAI", repo="arcade-mcp") == "Starred ArcadeAI/arcade-mcp"

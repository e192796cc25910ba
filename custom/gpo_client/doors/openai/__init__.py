"""The door for programs that speak OpenAI's chat completions: ``gpo_client.doors.openai_app``."""

"""The door for programs that speak OpenAI's Responses API; ``gpo_client.doors.openai_app`` serves it too."""

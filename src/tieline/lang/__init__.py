"""Small languages, one package each. What lives here knows text and JSON values, never a connector or a message."""

"""A model server: loaded once, then one answer a line. Run it as python3 -u, or flush as here."""
import json
import sys

WORDS = {"good": 1, "great": 2, "bad": -1, "awful": -2}  # a large model would be loaded here

for line in sys.stdin:
    words = line.lower().split()
    score = sum(WORDS.get(word, 0) for word in words)
    print(json.dumps({"words": len(words), "score": score}), flush=True)

#!/usr/bin/env python3
"""Writes traced.pt and traced_rows.json: a network that PyTorch traced, and what it says of pictures.

    python3 -m venv venv && venv/bin/pip install torch==2.11.0 numpy
    venv/bin/python lab/golden/make_traced_golden.py

It has what image towers are made of: a convolution, batch normalisation, GELU, layer normalisation and attention.
"""
import json
import pathlib
import tempfile
import zipfile

import torch
import torch.nn as nn

SIZE = 16


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, 4, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.last = nn.LayerNorm(8)

    def forward(self, pictures):
        x = nn.functional.gelu(self.norm(self.patches(pictures))).flatten(2).transpose(1, 2)
        return self.last(x + self.attention(x, x, x, need_weights=False)[0]).mean(1)


torch.manual_seed(7)
tower = Tower()
with torch.no_grad():
    tower(torch.rand(16, 3, SIZE, SIZE))  # statistics for the batch normalisation
tower.eval()
card = {"model": "a tower", "size": SIZE, "mean": [0.4, 0.5, 0.6], "std": [0.2, 0.25, 0.5]}
# Frames as the cache has them: F×H×W×3, bytes.
frames = (torch.arange(3 * SIZE * SIZE * 3) * 37 % 251).to(torch.uint8).view(3, SIZE, SIZE, 3)
pictures = (frames / 255 - torch.tensor(card["mean"])) / torch.tensor(card["std"])
pictures = pictures.permute(0, 3, 1, 2)
with torch.no_grad():
    rows = torch.cat([tower(pictures), tower(pictures.flip(3))])
    traced = torch.jit.trace(tower, torch.rand(2, 3, SIZE, SIZE))
folder = pathlib.Path(__file__).parents[2] / "tests/golden"
with tempfile.TemporaryDirectory() as whole:
    traced.save(f"{whole}/traced.pt", _extra_files={"backbone.json": json.dumps(card)})
    # Without the paths of the machine that made it, which stand in what is there for debugging.
    with zipfile.ZipFile(f"{whole}/traced.pt") as made, zipfile.ZipFile(folder / "traced.pt", "w") as kept:
        for name in made.namelist():
            if not name.endswith(".debug_pkl"):
                kept.writestr(zipfile.ZipInfo(name), made.read(name))
numbers = [[round(value, 6) for value in row] for row in rows.tolist()]
(folder / "traced_rows.json").write_text(json.dumps({"torch": torch.__version__, "rows": numbers}) + "\n")

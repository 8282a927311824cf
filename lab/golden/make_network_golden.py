#!/usr/bin/env python3
"""Writes network.json: what PyTorch 2.11.0 and torchvision's ResNets say where the network of src/model must say the same.

    python3 -m venv venv && venv/bin/pip install torch==2.11.0 torchvision numpy
    venv/bin/python lab/golden/make_network_golden.py

Weights and inputs are not stored: both sides make them from their names by `numbers`. The re-sampler's pick is computed
here as a product with triangular weights over all frames, not by looking frames up.
"""
import json
import pathlib

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision.models import ResNet
from torchvision.models.resnet import BasicBlock, Bottleneck

torch.set_num_threads(2)
torch.use_deterministic_algorithms(True)


def numbers(name, shape):
    """Numbers in [-1, 1) that depend on the name and the place alone."""
    seed = 0
    for byte in name.encode():
        seed = (seed * 31 + byte) % 2**32
    mask = np.uint64(2**32 - 1)
    x = (np.arange(int(np.prod(shape)), dtype=np.uint64) * np.uint64(0x9E3779B9) + np.uint64(seed)) & mask
    x ^= x >> np.uint64(16)
    x = (x * np.uint64(0x85EBCA6B)) & mask
    x ^= x >> np.uint64(13)
    x = (x * np.uint64(0xC2B2AE35)) & mask
    x ^= x >> np.uint64(16)
    return x.astype(np.float64) / 2**31 - 1


def tensor(name, *shape):
    return torch.from_numpy(numbers(name, shape).astype(np.float32)).view(*shape)


def parameter(name, shape):
    """A parameter's value, of a size that keeps activations near 1."""
    u = numbers(name, shape)
    if len(shape) == 4:
        u = u * np.sqrt(6 / np.prod(shape[1:]))
    elif len(shape) > 1:
        # Bags are small; what is read from them shall differ between clips.
        gain = 8 if "resampler" in name or "classifier" in name else 1
        u = u * gain * np.sqrt(3 / np.prod(shape[1:]))
    elif name.endswith("running_var"):
        u = 1 + 0.5 * u
    elif name.endswith("weight"):
        u = 1 + 0.2 * u
    elif not name.startswith("resampler"):
        u = 0.1 * u
    return torch.from_numpy(u.astype(np.float32)).view(*shape)


def our_name(name):
    return name.replace("attention.in_proj_", "attention.in_proj.")


def fill(module):
    for name, value in module.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            value.copy_(parameter(our_name(name), value.shape))
    return module


def shift(x, segment):
    """The temporal shift as its authors wrote it."""
    count, channels, height, width = x.shape
    x = x.view(count // segment, segment, channels, height, width)
    fold = channels // 8
    out = torch.zeros_like(x)
    out[:, :-1, :fold] = x[:, 1:, :fold]
    out[:, 1:, fold : 2 * fold] = x[:, :-1, fold : 2 * fold]
    out[:, :, 2 * fold :] = x[:, :, 2 * fold :]
    return out.view(count, channels, height, width)


def backbone(block, layers, segment=1):
    network = ResNet(block, layers)
    network.fc = nn.Identity()
    if segment > 1:
        for stage in (network.layer1, network.layer2, network.layer3, network.layer4):
            for member in stage:
                member.conv1.register_forward_pre_hook(lambda _, inputs: (shift(inputs[0], segment),))
    return network


class Sequence(nn.Module):
    def __init__(self, feature, hidden, layers, heads):
        super().__init__()
        self.lstm = nn.LSTM(feature, hidden, layers, batch_first=True, bidirectional=True)
        self.attention = nn.MultiheadAttention(2 * hidden, heads, batch_first=True)
        self.norm = nn.LayerNorm(2 * hidden)

    def gate(self, x):
        return x * torch.sigmoid(self.norm(self.attention(x, x, x)[0]))


class Stream(nn.Module):
    def __init__(self, s, instances, frames, segment, gated):
        super().__init__()
        self.frames = frames
        self.backbone = backbone(BasicBlock, [1, 1, 1, 1], segment)
        self.feature = nn.Linear(512, s["feature"])
        self.sequence = Sequence(s["feature"], s["hidden"], s["layers"], s["heads"])
        self.merge = nn.Conv1d(instances, 1, 3, padding=1)
        self.classifier = nn.Linear(2 * s["hidden"], s["classes"])
        if gated:
            self.gate = nn.Linear(2 * s["hidden"], 2 * s["hidden"])

    def forward(self, x, context=None):
        batch, count = x.shape[:2]
        x = self.backbone(x.flatten(0, 1)).view(batch, count // self.frames, self.frames, -1).mean(2)
        x = self.sequence.lstm(self.feature(x))[0]
        if context is not None:
            x = x * torch.sigmoid(self.gate(context))[:, None]
        x = self.sequence.gate(x)
        bag = self.merge(x)[:, 0]
        return bag, self.classifier(bag), self.classifier(x)


class Resampler(nn.Module):
    def __init__(self, width, snippets, n, frames):
        super().__init__()
        self.center, self.stride = nn.Linear(width, snippets), nn.Linear(width, snippets)
        self.n, self.frames = n, frames

    def forward(self, bag):
        center = (torch.tanh(self.center(bag)) + 1) / 2 * (self.frames - 1)
        stride = self.frames / (self.n - 1) * torch.exp(-self.stride(bag).abs())
        offset = torch.arange(self.n) - (self.n - 1) / 2
        return (center[..., None] + stride[..., None] * offset).clamp(0, self.frames - 1).flatten(1)


def blend(clips, positions):
    weights = F.relu(1 - (positions[..., None] - torch.arange(clips.shape[1])).abs())  # B×P×F
    return torch.einsum("bpf,bf...->bp...", weights, clips)


class Network(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.s = s
        self.synopsis = Stream(s, s["synopsis"], 1, 4, False)
        self.resampler = Resampler(2 * s["hidden"], s["snippets"], s["n"], s["frames"])
        self.detail = Stream(s, s["snippets"], s["n"], s["n"], True)

    def forward(self, clips):
        step = self.s["frames"] / self.s["synopsis"]
        overview = [int((i + 0.5) * step) for i in range(self.s["synopsis"])]
        bag, synopsis_logits, instances = self.synopsis(clips[:, overview])
        positions = self.resampler(bag)
        rounded = positions.round()
        snippets = blend(clips, positions if self.training else rounded)
        _, logits, detail_instances = self.detail(snippets, bag)
        self.margin = (positions - positions.floor() - 0.5).abs().min().item()
        return logits, synopsis_logits, instances, detail_instances, rounded.long()


def total_loss(logits, synopsis_logits, instances, detail_instances, targets, weights):
    def ce(z):
        return F.cross_entropy(z, targets, label_smoothing=0.1, reduction="none")

    def many(z):
        count = z.shape[1]
        each = F.cross_entropy(
            z.flatten(0, 1), targets.repeat_interleave(count, 0), label_smoothing=0.1, reduction="none"
        )
        return each.view(-1, count).mean(1)

    loss = ce(logits) + 0.1 * many(instances)
    if detail_instances is not None:
        loss = loss + 0.1 * ce(synopsis_logits) + 0.1 * many(detail_instances)
    return (loss * weights).mean()


def flat(value, step=1):
    return [float(f"{x:.7g}") for x in value.detach().flatten()[::step].tolist()]


golden = {}
frames = tensor("frames", 8, 3, 64, 64)
with torch.no_grad():
    golden["resnet18"] = flat(fill(backbone(BasicBlock, [2, 2, 2, 2])).eval()(frames), 8)
    golden["resnet18_shift_training"] = flat(fill(backbone(BasicBlock, [2, 2, 2, 2], 4)).train()(frames), 8)
    golden["resnet34_shift"] = flat(fill(backbone(BasicBlock, [3, 4, 6, 3], 8)).eval()(frames), 8)
    golden["resnet50_shift"] = flat(fill(backbone(Bottleneck, [3, 4, 6, 3], 4)).eval()(frames), 32)
    golden["temporal_shift"] = flat(shift(tensor("shift", 8, 16, 2, 3), 4), 2)
    sequence = fill(Sequence(12, 16, 2, 4))
    recurred = sequence.lstm(tensor("features", 3, 5, 12))[0]
    golden["lstm"] = flat(recurred)
    golden["gate"] = flat(sequence.gate(recurred))

resampler = Resampler(16, 4, 4, 64)
for name, value in resampler.state_dict().items():
    value.copy_(parameter("resampler." + name, value.shape))
positions = resampler(tensor("bag", 3, 16))
picked = blend(tensor("clips", 3, 64, 4, 4, 3), positions)
(picked * tensor("coefficients", *picked.shape)).sum().backward()
golden["resampler"] = {
    "positions": flat(positions),
    "nearest": positions.round().long().flatten().tolist(),
    "picked": flat(picked, 7),
    "gradients": {name: flat(value.grad) for name, value in resampler.named_parameters()},
}

shapes = {"logits": (5, 7), "synopsis_logits": (5, 7), "instances": (5, 16, 7), "detail_instances": (5, 4, 7)}
outputs = {name: 4 * tensor(name, *shape) for name, shape in shapes.items()}
targets, weights = (3 * tensor("targets", 5, 7)).softmax(1), 1 + tensor("weights", 5)
golden["loss"] = {
    "both_streams": total_loss(*outputs.values(), targets, weights).item(),
    "synopsis_alone": total_loss(outputs["logits"], None, outputs["instances"], None, targets, weights).item(),
}

settings = dict(feature=48, hidden=32, layers=2, heads=4, classes=7, frames=24, synopsis=8, snippets=3, n=4)
network = fill(Network(settings))
clips = tensor("still frame", 2, 1, 3, 32, 32) + 0.1 * tensor("clips", 2, 24, 3, 32, 32)
names = ["logits", "synopsis_logits", "instance_logits", "detail_instance_logits", "key_frames"]
with torch.no_grad():
    scored = network.eval()(clips)
print("nearest tie when scoring:", network.margin)
golden["scoring"] = {
    name: value.flatten().tolist() if name == "key_frames" else flat(value) for name, value in zip(names, scored)
}
fill(network)
trained = network.train()(clips)
targets, weights = (3 * tensor("targets", 2, 7)).softmax(1), torch.tensor([1.0, 1.5])
loss = total_loss(*trained[:4], targets, weights)
loss.backward()
golden["training"] = {name: flat(value) for name, value in zip(names[:4], trained)}
golden["training"]["loss"] = loss.item()
golden["training"]["gradients"] = {
    our_name(name): {"norm": value.grad.norm().item(), "first": flat(value.grad)[:6]}
    for name, value in network.named_parameters()
}
print("largest logit:", trained[0].abs().max().item(), "loss:", loss.item())

path = pathlib.Path(__file__).parents[2] / "tests/golden/network.json"
path.write_text(json.dumps(golden) + "\n")
print(path.stat().st_size, "bytes")

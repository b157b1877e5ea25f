"""Eager PyTorch's side of the benchmark: trains a network a round at a time, as its parent asks.

It does what a careful user of PyTorch writes: data in memory, batches by index_select from a permutation, gradients
set to None instead of zeroed, no reading of the loss on the host.

A round is asked for by a line on standard input; the answer is a line with the seconds that it took.
Arguments: the network's name, threads, images, batch size.
"""

import sys
import time

import torch
from torch import nn
from torch.nn import functional


class BasicBlock(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.downsample = nn.Sequential()
        if stride != 1:
            self.downsample = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(y)) + self.downsample(x))


class ResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
        for before, after, stride in ((64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)):
            layers += [BasicBlock(before, after, stride), BasicBlock(after, after, 1)]
        self.layers = nn.Sequential(*layers)
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        return self.fc(self.layers(x).mean((2, 3)))


MODELS = {
    "LeNet-300-100": lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 100), nn.ReLU(), nn.Linear(100, 10)),
    "LeNet-5": lambda: nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10),
    ),
    "ResNet-18": ResNet18,
}


def main():
    name = sys.argv[1]
    threads, images, batch_size = map(int, sys.argv[2:])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = MODELS[name]()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x = torch.rand(images, 3, 32, 32) if name == "ResNet-18" else torch.rand(images, 1, 28, 28)
    y = torch.randint(0, 10, (images,))
    print(torch.__version__, flush=True)

    for _ in sys.stdin:
        started = time.perf_counter()
        order = torch.randperm(images)
        total = torch.zeros(())
        for start in range(0, images, batch_size):
            taken = order[start : start + batch_size]
            loss = functional.cross_entropy(model(x.index_select(0, taken)), y.index_select(0, taken))
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            total += loss.detach()
        total.item()
        print(time.perf_counter() - started, flush=True)


main()

"""Eager PyTorch's side of the benchmark: trains LeNet-5 a round at a time, as its parent asks.

It does what a careful user of PyTorch writes: data in memory, batches by index_select from a permutation, gradients
set to None instead of zeroed, no reading of the loss on the host.

A round is asked for by a line on standard input; the answer is a line with the seconds that it took.
Arguments: threads, images, batch size, widths of conv1, conv2 and fc1.
"""

import sys
import time

import torch
from torch import nn
from torch.nn import functional


class LeNet5(nn.Module):
    def __init__(self, conv1, conv2, fc1):
        super().__init__()
        self.conv1 = nn.Conv2d(1, conv1, 5)
        self.conv2 = nn.Conv2d(conv1, conv2, 5)
        self.fc1 = nn.Linear(16 * conv2, fc1)
        self.fc2 = nn.Linear(fc1, 10)

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        return self.fc2(functional.relu(self.fc1(x.flatten(1))))


def main():
    threads, images, batch_size, *widths = map(int, sys.argv[1:])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = LeNet5(*widths)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    x = torch.rand(images, 1, 28, 28)
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

"""The models of the benchmark in PyTorch: the same layers as the zoo's, from the same papers."""

import torch
from torch import nn
from torch.nn import functional


def conv_norm(inputs, outputs, kernel, stride=1, groups=1, activation=nn.ReLU):
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *([activation()] if activation else []))


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 20, 5), nn.Conv2d(20, 50, 5)
        self.fc1, self.fc2 = nn.Linear(800, 500), nn.Linear(500, 10)

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        return self.fc2(functional.relu(self.fc1(x.flatten(1))))


class Vgg16(nn.Module):
    def __init__(self):
        super().__init__()
        layers, width = [], 3
        for stage, (outputs, depth) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]):
            for _ in range(depth):
                layers += [nn.Conv2d(width, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]
                width = outputs
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(512 * 49, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 1000))

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class ResidualBlock(nn.Module):
    def __init__(self, inputs, width, stride, expansion):
        super().__init__()
        if expansion == 1:
            self.body = nn.Sequential(conv_norm(inputs, width, 3, stride), conv_norm(width, width, 3, activation=None))
        else:
            self.body = nn.Sequential(
                conv_norm(inputs, width, 1), conv_norm(width, width, 3, stride), conv_norm(width, width * expansion, 1, activation=None))
        outputs = width * expansion
        self.shortcut = conv_norm(inputs, outputs, 1, stride, activation=None) if stride != 1 or inputs != outputs else nn.Identity()

    def forward(self, x):
        return functional.relu(self.body(x) + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self, depths, expansion):
        super().__init__()
        blocks, inputs = [], 64
        for stage, depth in enumerate(depths):
            width = 64 << stage
            for i in range(depth):
                blocks.append(ResidualBlock(inputs, width, 2 if i == 0 and stage > 0 else 1, expansion))
                inputs = width * expansion
        self.stem = nn.Sequential(conv_norm(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1))
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(inputs, 1000)

    def forward(self, x):
        return self.fc(functional.adaptive_avg_pool2d(self.blocks(self.stem(x)), 1).flatten(1))


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        hidden = inputs * expansion
        layers = [conv_norm(inputs, hidden, 1, activation=nn.ReLU6)] if expansion != 1 else []
        layers += [conv_norm(hidden, hidden, 3, stride, groups=hidden, activation=nn.ReLU6), conv_norm(hidden, outputs, 1, activation=None)]
        self.body = nn.Sequential(*layers)
        self.joins = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.body(x) if self.joins else self.body(x)


class MobileNetV2(nn.Module):
    def __init__(self):
        super().__init__()
        layers, inputs = [conv_norm(3, 32, 3, 2, activation=nn.ReLU6)], 32
        plan = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
        for expansion, outputs, count, stride in plan:
            for i in range(count):
                layers.append(InvertedResidual(inputs, outputs, stride if i == 0 else 1, expansion))
                inputs = outputs
        layers.append(conv_norm(inputs, 1280, 1, activation=nn.ReLU6))
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(1280, 1000)

    def forward(self, x):
        return self.fc(self.features(x).mean([2, 3]))


class DenseLayer(nn.Module):
    def __init__(self, inputs, growth):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, 4 * growth, 1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(4 * growth), nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, x):
        y = self.conv1(functional.relu(self.norm1(x)))
        return torch.cat([x, self.conv2(functional.relu(self.norm2(y)))], 1)


class DenseNet(nn.Module):
    def __init__(self):
        super().__init__()
        layers, width = [conv_norm(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1)], 64
        for stage, depth in enumerate([6, 12, 24, 16]):
            if stage > 0:
                layers += [nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, width // 2, 1, bias=False), nn.AvgPool2d(2)]
                width //= 2
            for _ in range(depth):
                layers.append(DenseLayer(width, 32))
                width += 32
        self.features = nn.Sequential(*layers, nn.BatchNorm2d(width))
        self.fc = nn.Linear(width, 1000)

    def forward(self, x):
        x = functional.adaptive_avg_pool2d(functional.relu(self.features(x)), 1)
        return self.fc(x.flatten(1))


IMAGE = (3, 224, 224)

# How to make each model, the shape of one input, and the layer that gives its result.
MODELS = {
    "lenet": (LeNet, (1, 28, 28), lambda model: model.fc2),
    "vgg16": (Vgg16, IMAGE, lambda model: model.classifier[-1]),
    "resnet18": (lambda: ResNet([2, 2, 2, 2], 1), IMAGE, lambda model: model.fc),
    "resnet50": (lambda: ResNet([3, 4, 6, 3], 4), IMAGE, lambda model: model.fc),
    "mobilenet-v2": (MobileNetV2, IMAGE, lambda model: model.fc),
    "densenet121": (DenseNet, IMAGE, lambda model: model.fc),
}
